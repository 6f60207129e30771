"""A mirror of one part of a list would take everybody else out: such a list is refused, and only such a one."""

import json

import pytest
from audiences.activations.parts import refuse_parts
from audiences.activations.validate import check_activation
from audiences.activations.work import SegmentFile

AT = "2026-11-21T10:00:00+00:00"


def refused(mode, *names):
    value = {"segments": ["Best"], "platforms": ["meta"], "audience": "A", "mode": mode}
    activation, _ = check_activation(json.dumps(value).encode(), "a.json", "a")
    files = [SegmentFile.of(f"segments/rfm/Best/{name}", AT, 1) for name in names]
    others = [SegmentFile.of(f"segments/rfm/Other/part-{number}.csv", AT, 1) for number in range(3)]
    return refuse_parts(activation, [*files, *others])


@pytest.mark.parametrize(
    "names",
    [
        ("part-00000-77aa-c000.csv", "part-00001-77aa-c000.csv"),
        ("dt=2026-11-21/part-0.parquet", "dt=2026-11-21/part-1.parquet"),
        ("best_part1.csv", "best_part2.csv"),
        ("20261121_195823_00016_n8nxy_0a1b.gz", "20261121_195823_00016_n8nxy_9f8e.gz"),
    ],
)
def test_a_list_in_several_files_is_not_mirrored(names):
    assert "is in 2 files, and a mirrors it" in refused("mirror", *names).what
    assert refused("mirror", names[0]) is None
    assert refused("add", *names) is None


@pytest.mark.parametrize(
    "names",
    [
        ("best_20261120.csv", "best_20261121.csv"),
        ("1.csv", "2.csv"),
        ("part-00000-77aa-c000.csv", "part-00000-88bb-c000.csv"),  # two jobs
        ("dt=2026-11-20/part-0.parquet", "dt=2026-11-21/part-0.parquet"),
        ("20261120_195823_00016_n8nxy_0a1b.gz", "20261121_195823_00016_n8nxy_9f8e.gz"),
        ("counterpart1.csv", "counterpart2.csv"),
        ("part-20261120.csv", "part-20261121.csv"),
    ],
)
def test_one_file_after_the_other_is_mirrored(names):
    assert refused("mirror", *names) is None
