import {
  context,
  type Attributes,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** What one step of a request is called in its trace. Nothing of a person, and nothing that a client chose freely, belongs here. */
export interface SpanDescription {
  readonly name: string;
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  /** What it is part of; by default what the calling code is part of. */
  readonly parent?: Context;
}

type Environment = Readonly<Record<string, string | undefined>>;

let enabled = false;
const tracer = trace.getTracer('medigraph');

/** Whether spans are recorded in this process. */
export function isTracing(): boolean {
  return enabled;
}

/**
 * Records spans from now on, and sends them by OTLP over HTTP, as the standard variables `OTEL_*` say: where to
 * (`OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`; without either, nothing is recorded), in which encoding
 * (`OTEL_EXPORTER_OTLP_PROTOCOL`: `http/protobuf`, the default, or `http/json`), how many (`OTEL_TRACES_SAMPLER`), under which name
 * (`OTEL_SERVICE_NAME`, by default the one given here).
 * @returns stops recording, once everything is sent
 */
export async function startTracing(
  serviceName: string,
  environment: Environment = process.env,
): Promise<() => Promise<void>> {
  if (!isWanted(environment)) return () => Promise.resolve();
  const [{ BatchSpanProcessor, NodeTracerProvider }, resources, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/resources'),
    // Both classes have the same name and read the same variables.
    protocolOf(environment) === 'http/json'
      ? import('@opentelemetry/exporter-trace-otlp-http')
      : import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  const named = resources.resourceFromAttributes({ 'service.name': serviceName });
  const told = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new NodeTracerProvider({
    resource: named.merge(told),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  enabled = true;
  return async () => {
    enabled = false;
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  };
}

function isWanted(environment: Environment): boolean {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter } = environment;
  const endpoint =
    environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  return endpoint !== '' && disabled !== 'true' && exporter !== 'none';
}

function protocolOf(environment: Environment): string | undefined {
  return environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? environment['OTEL_EXPORTER_OTLP_PROTOCOL'];
}

/** Does a piece of work as a span, which the work may add to; where nothing is recorded, just does it. */
export function inSpan<T>(
  { name, kind, attributes, parent = context.active() }: SpanDescription,
  work: (span?: Span) => Promise<T>,
): Promise<T> {
  if (!enabled) return work();
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  return context.with(trace.setSpan(parent, span), async () => {
    try {
      return await work(span);
    } catch (error) {
      failSpan(span, codeOf(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Begins a span that ends elsewhere, with the context of what is part of it. */
export function beginSpan({ name, kind, attributes, parent = context.active() }: SpanDescription): {
  readonly span: Span;
  readonly within: Context;
} {
  const span = tracer.startSpan(name, { kind, attributes }, parent);
  return { span, within: trace.setSpan(parent, span) };
}

/** Marks a span as failed, by a code: messages may say something of a person. */
export function failSpan(span: Span, code: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  span.setAttribute('error.type', code);
}

/** What a message from elsewhere is part of, by its W3C headers. */
export function contextOfHeaders(headers: Readonly<Record<string, unknown>> | undefined): Context {
  return enabled && headers ? propagation.extract(ROOT_CONTEXT, headers) : context.active();
}

/** The W3C headers that tell another process what its work is part of. */
export function headersOfContext(within: Context = context.active()): Record<string, string> {
  const headers: Record<string, string> = {};
  if (enabled) propagation.inject(within, headers);
  return headers;
}

function codeOf(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'error';
}
