import type { WireTime } from "./common";
import type { WireMark } from "./metrics";
import type { WireSnapshot } from "./snapshot";

/** `moment_json` of engine/wire/past.py. */
export interface WireMoment {
	at: WireTime;
	now: WireTime;
	every_s: number;
	kept_s: number;
	/** Null: there is no picture of that moment. */
	snapshot: WireSnapshot | null;
	/** The nearest ones that there are. */
	before: WireTime | null;
	after: WireTime | null;
	/** From when until when there are pictures without a gap. */
	covered: [WireTime, WireTime][];
	marks: WireMark[];
}
