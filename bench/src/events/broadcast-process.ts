/** A server of nothing but `ws`: what the parent says, everybody who is connected is sent. */
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
await once(server, 'listening');
process.on('message', (message: { readonly text: string }) => {
  for (const client of server.clients) client.send(message.text);
});
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` });
