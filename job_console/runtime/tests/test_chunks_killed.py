"""Kill -9 at random: every item is processed, none twice in what is committed."""

from job_console.runtime.tests.chunks_case import JOBS, ChunksTestCase
from job_console.runtime.tests.chunks_chaos import Chaos
from job_console.runtime.tests.chunks_testing import BEHIND, effects

ITEMS = 10_000


class TestKilled(ChunksTestCase):
    def test_ten_thousand_items_and_kills_at_random(self) -> None:
        job_id = self.enqueue(f"{JOBS}.over_list", count=ITEMS, size=50, pause=0.0005)
        chaos = Chaos(self.redis, job_id)
        seen = [0]

        def never_less() -> None:
            seen.append(self.checkpoint(job_id).committed if len(effects()) else 0)
            self.assertGreaterEqual(seen[-1], seen[-2])

        chaos.run(between=(0.1, 0.8), with_worker=0.2, watch=never_less)
        self.assertGreaterEqual(sum(chaos.happened.values()), 5, chaos.happened)
        # What is behind the loop is no chunk: killed between it and the job's end, it is done again.
        behind = effects().count(BEHIND)
        self.assertGreaterEqual(behind, 1)
        self.assert_all_once([*range(ITEMS), *[BEHIND] * behind])
        place = self.checkpoint(job_id)
        self.assertEqual((place.status, place.committed), ("Finished", ITEMS))
