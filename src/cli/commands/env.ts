import { variableCommands } from "../variables.ts";

export const commands = variableCommands("env");
