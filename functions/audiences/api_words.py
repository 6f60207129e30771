"""Words of the trade: what may stand in a platform's message with a capital, in quotes or in a compound.

Lower case. A name in here is not masked: no given name and no surname belongs in it but those that are words, too.
"""

from __future__ import annotations

_TEXT = """
    a about accept accepted access account accounts action active actor ad add added address addresses ads advertiser
    after again age agreement all allowed already amazon amc an and another any api app application apps are argument
    array as ask at attempt attribute attributes audience audiences aud auth authenticated authentication authorization
    authorized auto aws bad base64 batch be because been before below birth birthday body boolean both bucket budget
    bulk busy business but buyer by cache call caller campaign can cannot cause center change changed channel channels
    characters check city click client clients close code codes column columns complete completed configuration
    conflict connection consent contact contacts contain contains content conversion count country create created
    creation credential credentials crm csv currency current custom customer customers daily data dataset date day days
    db deadline deleted delete denied deny depth description destination detail details developer device devices did
    digest digits disabled display do document does domain done double drop due duplicate e each email emails empty
    enabled encoded encoding encrypted end endpoint endpoints ended entities entity entry error errors event events
    every exceed exceeded exceeds exist existing exists expected expired expires external extra facebook failed failure
    false feature few field fields file files filter filters first fn for forbidden form format found from full gender
    general get given go google graph group groups gzip had has hash hashed hashes have header headers help hex hour
    hours how http https hubspot i id identifier identifiers identity ids idfa if in inactive incomplete index
    individual info ingest initial input insert insufficient integer internal invalid ip is iso iso8601 it item items
    its job jobs json key keys kind klaviyo label language large last later least length less level limit limited
    limits line link linkedin list lists live load local location locked login long lookup lower maid mail malformed
    manager many mapping marketing match matched max maximum may media member members membership message messages meta
    method microsoft minimum minute minutes missing mobile mode model more most multiple must mutate my name names need
    needs network new next no node none normalized not nothing null number numbers o oauth oauth2 object of off offline
    ok old on once one only open operation operations opt option or order organization other our out over own owner
    page paging parameter parameters parse part partial partner party password path pattern payload pending people per
    percent permission permissions phone phones pii pinpoint pinterest place plain platform please policy post postal
    privacy private problem process processed processing profile profiles prohibited property provide provided
    provider public purpose query queue quota range rate raw re reach reached read reading ready real reason reasons
    receive received record records redirect reference refresh refused region rejected remove removed replace request
    requested requests require required requires reset resource response restricted result results retry review revoked
    role row rows run running s s3 salesforce same sandbox schema scope scopes search second seconds secret security
    see segment segments send sent server service services session set setting settings sha sha1 sha256 sha512 should
    sign signature size small snap snapchat so some something sorry source specified start started state status step
    still stop stopped stored stream string strings sub success succeeded successful such supplied support supported
    suspended syntax system system1 table target targeting task temporarily temporary term terms text than that the
    their them then there these they third this throttled throttling tiktok time timed timeout times timestamp title to
    token tokens tool too tos total trade desk traffic true try twitter two type types unable unauthorized unavailable
    under undefined unexpected unhashed unique unknown unprocessable unreadable unsupported until unused up update
    updated upload uploaded uploads upper uri url us usable use used user users using utc utf utf8 valid validate
    validation value values verification verified version violation visible wait warning was we web were when where
    which while who whole why will with without word work worker wrong www x yes yet you your zip zone
    building archived archiving calculating computing indexing populating warming
    appflow flow c basic param params monday tuesday wednesday thursday friday saturday sunday january february march
    june july august september october november december pst pdt gmt
    uid euid uid2 sdk xml html ssl tls eu eea gdpr ccpa ldu dsp ttd uuid gaid aaid adid hem mmt crmid lr ln fn zp ct st
    ge doby dobm dobd fi extern madid entityerror invalidarchiveid permissiondenied oauthexception
"""
WORDS = frozenset(_TEXT.split())
