// api: other.k6/ws
// k6-skip: it knows the module
// expect: checks 0
// expect: exit script
// expect: stderr contains "k6/ws"
// expect: stderr contains "websocket.js:7"
import ws from 'k6/ws';

export default function () {
  ws.connect('ws://127.0.0.1:1/', {}, () => {});
}
