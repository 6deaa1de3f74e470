import { DaemonClient } from "../../server/client/daemon-client.ts";
import { requests } from "../../server/protocol/requests.ts";

/*
 * A client to be killed: submits what its argument says, tells the answer on a line of standard output, and stays
 * connected until it is killed or its standard input closes.
 */
const submission = requests["sprites.submit"].params.parse(JSON.parse(process.argv[2] ?? ""));
const client = await DaemonClient.connect({ name: "submitter" });
await client.subscribe(() => undefined);
process.stdin.on("close", () => process.exit(0)).resume();
process.stdout.write(`${JSON.stringify(await client.request("sprites.submit", submission))}\n`);
