import Bytes
import Clocks

/// The bodies of requests to a collector, in the JSON encoding of OTLP 1.9: field names in lower camel case, ids in hexadecimal,
/// enumerations as numbers, numbers of 64 bits in quotes.
///
/// https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md#json-protobuf-encoding
package struct ExportRequest: Sendable {
    /// The program that reports, up to the list of what it reports.
    private let resource: [UInt8]
    private let scope: [UInt8]

    /// Requests of the program that `resource` describes.
    ///
    /// - Parameters:
    ///   - scope: the name of the reporting code.
    ///   - version: its version.
    package init(resource: Attributes, scope: StaticString, version: String) {
        var text: [UInt8] = []
        text.append(#"{"resource":{"attributes":["#)
        text.append(contentsOf: resource.json)
        text.append("]},")
        self.resource = text
        text = []
        text.append(#"{"scope":{"name":""#)
        text.append(scope)
        text.append(#"","version":"#)
        JSONString.appendUTF8(version, to: &text)
        text.append("},")
        self.scope = text
    }

    /// An `ExportTraceServiceRequest` with `spans`, of which there is one at least.
    package func body(_ spans: some Sequence<TraceSpan>) -> [UInt8] {
        body(#"{"resourceSpans":["#, #""scopeSpans":["#, #""spans":["#) { output in
            output.append(list: spans) { $0.write(to: &$1) }
        }
    }

    /// An `ExportMetricsServiceRequest` with `metrics`, of which there is one at least.
    ///
    /// - Parameters:
    ///   - start: the moment from which all are counted.
    ///   - now: the moment of their values.
    package func body(_ metrics: [MetricSnapshot], since start: Timestamp, at now: Timestamp) -> [UInt8] {
        body(#"{"resourceMetrics":["#, #""scopeMetrics":["#, #""metrics":["#) { output in
            output.append(list: metrics) { $0.write(since: start, at: now, to: &$1) }
        }
    }

    private func body(
        _ resources: StaticString, _ scopes: StaticString, _ elements: StaticString, _ write: (inout [UInt8]) -> Void
    ) -> [UInt8] {
        var output: [UInt8] = []
        output.append(resources)
        output.append(contentsOf: resource)
        output.append(scopes)
        output.append(contentsOf: scope)
        output.append(elements)
        write(&output)
        output.append("]}]}]}")
        return output
    }
}

extension [UInt8] {
    /// Appends what `write` makes of each element, with commas in between.
    mutating func append<Value>(list elements: some Sequence<Value>, _ write: (Value, inout [UInt8]) -> Void) {
        var isFirst = true
        for element in elements {
            if !isFirst { append(ASCII.comma) }
            isFirst = false
            write(element, &self)
        }
    }
}
