import type { CommanderError } from "commander";
import type { ErrorInfo } from "../protocol/errors.ts";

const listed = "`dgx-pixels help` lists the commands and their options.";

/** What commander found wrong with a command line, as every other error is told. */
export function usageError(error: CommanderError): ErrorInfo {
  // Commander prints its help where no command is named.
  if (error.code === "commander.help") {
    return { code: "invalid_request", message: "The command line names no command", remedy: listed };
  }
  const [message = "", hint] = error.message.replace(/^error: /, "").split("\n");
  const nearest = /^\((Did you mean .+\?)\)$/.exec(hint ?? "")?.[1];
  return {
    code: "invalid_request",
    message: message.charAt(0).toUpperCase() + message.slice(1),
    remedy: nearest ?? listed,
  };
}
