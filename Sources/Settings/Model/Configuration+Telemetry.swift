import Yams

extension Configuration {
    /// Traces and metrics for an OpenTelemetry collector.
    package struct Telemetry: Sendable, Equatable {
        /// `endpoint`: the base URL of the collector; nil where nothing is sent.
        package var endpoint: UpstreamURL?
        /// `headers`: by their names in lower case.
        package var headers: [String: Secret] = [:]
        /// `traces`
        package var traces = true
        /// `metrics`
        package var metrics = false
        /// `sample`, in millionths.
        package var sample: Int64 = 1_000_000

        static var members: [Member<Telemetry>] {
            [
                Member(
                    optional: \.endpoint, "endpoint", .collector,
                    "Base URL of an OpenTelemetry collector with OTLP over HTTP, to which `/v1/traces` and `/v1/metrics` are "
                        + "appended. `null` sends nothing. The variables `OTEL_…` have no effect by themselves.",
                    example: """
                        telemetry:
                          endpoint: ${OTEL_EXPORTER_OTLP_ENDPOINT:-http://127.0.0.1:4318}
                        """),
                .headers,
                Member(
                    \.traces, "traces", .boolean,
                    "Sends the spans of requests. Traces of clients are continued by `traceparent`, to the upstream. With "
                        + "`false`, `traceparent` passes as it is."),
                Member(
                    \.metrics, "metrics", .boolean,
                    "Sends the metrics `gen_ai.*` of the semantic conventions, once a minute. `/metrics` is independent of it."
                ),
                Member(
                    \.sample, "sample", .share,
                    "Share of the traces that begin here. Traces of clients are sent where their flag `sampled` says so."
                ),
            ]
        }
    }
}

extension Member<Configuration.Telemetry> {
    fileprivate static var headers: Self {
        let format = ValueFormat<Secret>.headerText
        return Self(
            \.headers, "headers",
            reference: { _ in
                MemberReference(
                    name: "headers", form: "table, by header: \(format.form)", default: "`{}`",
                    meaning: "Headers of the requests to the collector, such as its key.",
                    example: """
                        telemetry:
                          endpoint: https://otlp.example.com
                          headers: { authorization: "Bearer ${file:/run/secrets/otlp_token}" }
                        """, chosenName: "HEADER")
            },
            read: { section, telemetry in
                for (name, node) in section.table("headers") {
                    guard let name = node.name(name, .headerName(except: taken)), let value = node.value(format)
                    else { continue }
                    if telemetry.headers.updateValue(value, forKey: name) != nil {
                        node.report("names a header a second time")
                    }
                }
            },
            write: { Node(table: $0.headers.mapValues { format.node($0) }) })
    }

    /// The headers that the gateway sets itself.
    private static var taken: [String] {
        ["connection", "content-encoding", "content-length", "content-type", "host", "transfer-encoding", "user-agent"]
    }
}

extension ValueFormat<UpstreamURL> {
    /// The base URL of a collector, without the paths that are appended to it.
    fileprivate static var collector: Self {
        Self(
            form: url.form, isSecret: url.isSecret, isText: url.isText,
            read: { text throws(ParseProblem) in
                let url = try UpstreamURL(parsing: text)
                guard !url.path.hasSuffix("/v1/traces"), !url.path.hasSuffix("/v1/metrics") else {
                    throw ParseProblem("is the URL of one signal: leave out /v1/traces or /v1/metrics at its end")
                }
                return url
            }, write: url.write)
    }
}

extension ValueFormat<Int64> {
    /// A part of one, in millionths.
    fileprivate static var share: Self {
        let format = decimal(places: 6, "number")
        return Self(
            form: "number, 0 to 1, at most 6 decimals",
            read: { text throws(ParseProblem) in
                let millionths = try format.read(text)
                guard millionths <= 1_000_000 else { throw ParseProblem("must be 0 to 1, as 0.25 for every fourth") }
                return millionths
            }, write: format.write)
    }
}
