import { definePart } from "../registry.ts";
import { EventSource } from "./event-source.ts";
import { upgradeWebSocket } from "./upgrade.ts";
import { WebSocket } from "./websocket.ts";

export const sockets = { WebSocket, EventSource, upgradeWebSocket };

export type SocketsPart = typeof sockets;

definePart("sockets", sockets);
