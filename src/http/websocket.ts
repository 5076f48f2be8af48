/** Joins the WebSocket of a client to the one that a script accepted. */
import type { ExecWebSocket } from "../shared/execution.ts";

/** What `server.upgrade` carries for a script's socket. */
export interface ScriptSocketData {
  script: ExecWebSocket;
}

/** Bytes queued towards one client past which it is cut off: a slow reader must not fill our memory. */
const BACKPRESSURE_BYTES = 16 * 1024 * 1024;
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

const PROTOCOL_CLOSE = 1002;
const NORMAL_CLOSE = 1000;

/** Codes that may stand in a close frame (RFC 6455, 7.4). */
const mayBeSent = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
  (code >= 3000 && code <= 4999);

export const websocketHandler: Bun.WebSocketHandler<ScriptSocketData> = {
  maxPayloadLength: MESSAGE_BYTES_MAX,
  backpressureLimit: BACKPRESSURE_BYTES,
  closeOnBackpressureLimit: true,
  open(socket) {
    socket.data.script.attach({
      send: (data) => void socket.send(data),
      close: (code, reason) =>
        socket.close(
          mayBeSent(code) ? code : code === 1005 ? NORMAL_CLOSE : PROTOCOL_CLOSE,
          reason,
        ),
    });
  },
  message(socket, message) {
    socket.data.script.message(typeof message === "string" ? message : new Uint8Array(message));
  },
  close(socket, code, reason) {
    socket.data.script.close(code, reason);
  },
};
