import {
  bytes,
  embedded,
  mapOf,
  message,
  type MessageType,
  repeated,
  string,
  uint64,
  type Decoded,
} from './message.js';
import { Envelope } from './common.js';
import { Policy } from './policy.js';

// The tree of a channel's configuration. What the values of its leaves mean depends on their names: see config-values.ts.

export const ConfigValue = message('common.ConfigValue', {
  version: uint64(1),
  value: bytes(2),
  modPolicy: string(3),
});
export type ConfigValue = Decoded<typeof ConfigValue>;

export const ConfigPolicy = message('common.ConfigPolicy', {
  version: uint64(1),
  policy: embedded(2, Policy),
  modPolicy: string(3),
});
export type ConfigPolicy = Decoded<typeof ConfigPolicy>;

export interface ConfigGroup {
  readonly version: number;
  readonly groups: Map<string, ConfigGroup>;
  readonly values: Map<string, ConfigValue>;
  readonly policies: Map<string, ConfigPolicy>;
  readonly modPolicy: string;
}
export const ConfigGroup: MessageType<ConfigGroup> = message('common.ConfigGroup', {
  version: uint64(1),
  groups: mapOf(2, () => ConfigGroup),
  values: mapOf(3, () => ConfigValue),
  policies: mapOf(4, () => ConfigPolicy),
  modPolicy: string(5),
});

export const Config = message('common.Config', {
  sequence: uint64(1),
  channelGroup: embedded(2, ConfigGroup),
});
export type Config = Decoded<typeof Config>;

export const ConfigEnvelope = message('common.ConfigEnvelope', {
  config: embedded(1, Config),
  lastUpdate: embedded(2, Envelope),
});
export type ConfigEnvelope = Decoded<typeof ConfigEnvelope>;

export const ConfigSignature = message('common.ConfigSignature', {
  signatureHeader: bytes(1),
  signature: bytes(2),
});
export const ConfigUpdateEnvelope = message('common.ConfigUpdateEnvelope', {
  configUpdate: bytes(1),
  signatures: repeated(2, ConfigSignature),
});
export type ConfigUpdateEnvelope = Decoded<typeof ConfigUpdateEnvelope>;
export const ConfigUpdate = message('common.ConfigUpdate', {
  channelId: string(1),
  readSet: embedded(2, ConfigGroup),
  writeSet: embedded(3, ConfigGroup),
});
