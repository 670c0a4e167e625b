export { BackEndServer, type ReceivedMessage } from './back-end-server.js';
