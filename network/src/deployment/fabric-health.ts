/** Asks this container's own HTTP port. The images of Fabric have bash and no client for HTTP. */
export const bashHealth = (port: number, page: string): string[] => [
  'bash',
  '-c',
  `exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET ${page} HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q ' 200 ' <&3`,
];
