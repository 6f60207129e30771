"""With ttd-data on the path: the data API, with failed lines in an answer of 200."""

import json
import sys

from ttd_data import DataClient

base = sys.argv[1]
good = "aece52e7-03ee-455a-b3c4-e57283966239"
other = "bece52e7-03ee-455a-b3c4-e57283966239"
client = DataClient(ttd_auth="local-the-trade-desk-access")


def send(ids, minutes=1440):
    items = [{"tdid": one, "data": [{"name": "seg", "ttl_in_minutes": minutes}]} for one in ids]
    answered = client.advertiser.ingest_advertiser_data(advertiser_id="adv", items=items, server_url=base)
    lines = answered.advertiser_data_server_response.failed_lines or []
    return [(line.item_number, str(line.error_code.value)) for line in lines]


failed = send([good, other, "shoe"])
send([other], 0)
json.dump({"id": "adv.seg", "failed": failed}, sys.stdout)
