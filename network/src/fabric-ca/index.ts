export {
  type ClusterDatabase,
  type ClusterFiles,
  type ClusterOptions,
  type ClusterServer,
  databaseName,
  writeCluster,
} from './cluster.js';
export { haproxyConfig, type ProxiedCluster, type ProxiedServer } from './haproxy.js';
export { registrarName, type ServerHomeOptions, writeServerHome } from './home.js';
export { type CaDatabase, type PostgresDatabase, type ServerAddresses } from './server-config.js';
