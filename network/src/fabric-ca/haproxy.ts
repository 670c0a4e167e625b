/** One server behind the proxy. */
export interface ProxiedServer {
  readonly name: string;
  /** As the proxy reaches it. */
  readonly host: string;
  readonly port: number;
  /** Port of its health checks on the same host. */
  readonly operationsPort: number;
}

/** A cluster behind the proxy. */
export interface ProxiedCluster {
  readonly name: string;
  /** Where clients connect: `*:7054`, `127.0.0.1:7054`. */
  readonly bind: string;
  readonly servers: readonly ProxiedServer[];
}

/** Letters, digits and what else HAProxy allows in the name of a section. */
const sectionName = (name: string) => name.replace(/[^A-Za-z0-9.:_-]/g, '_');

const cluster = ({ name, bind, servers }: ProxiedCluster) => `
listen ${sectionName(name)}
    bind ${bind}
    mode tcp
    balance leastconn
    # Healthy is a server that reaches its database, and says so.
    option httpchk
    http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host ${sectionName(name)}
    http-check expect status 200
    # One that refuses a connection is left at once for another, before its check has failed. Nothing marks a server down but its
    # check: a connection that is just being handed to another server would be cut with it.
    retries 3
    option redispatch 1
    default-server inter 1s fastinter 500ms downinter 1s fall 2 rise 1
${servers
  .map(
    ({ name: server, host, port, operationsPort }) =>
      `    server ${sectionName(server)} ${host}:${port} check port ${operationsPort}`,
  )
  .join('\n')}
`;

/**
 * Configuration of HAProxy in front of clusters of CA servers. TLS goes through to the servers, so that only they have keys; the
 * proxy asks each for its health once a second.
 *
 * @param statistics - where it shows its own metrics for Prometheus and state, as `127.0.0.1:8404`; not at all if absent
 */
export function haproxyConfig(clusters: readonly ProxiedCluster[], statistics?: string): string {
  const head = `# Made from the description of the network.
global
    log stdout format raw local0 info
    maxconn 4096

defaults
    log global
    option tcplog
    option dontlognull
    timeout connect 3s
    timeout client 1m
    timeout server 1m
    timeout check 3s
`;
  const shown =
    statistics === undefined
      ? ''
      : `
frontend statistics
    bind ${statistics}
    mode http
    http-request use-service prometheus-exporter if { path /metrics }
    stats enable
    stats uri /
    stats refresh 5s
`;
  return `${head}${clusters.map(cluster).join('')}${shown}`;
}
