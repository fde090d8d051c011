import Bytes
import Clocks

/// One span, as it is sent: an operation with its place in a trace, its times and its facts.
package struct TraceSpan: Sendable, Equatable {
    /// The role in a trace, by its number in OTLP.
    package enum Kind: Int, Sendable {
        /// The handling of a request of another program.
        case server = 2
        /// A request to another program.
        case client = 3
    }

    /// The place in its trace: the ids, and the flags of `traceparent`.
    package var context: TraceContext
    /// The span that it is a part of; nil for the first one of a trace.
    package var parent: SpanID?
    /// True where `parent` is of another program.
    package var isParentRemote: Bool
    package var name: String
    package var kind: Kind
    package var start: Timestamp
    package var end: Timestamp
    package var attributes: Attributes
    /// True where the operation failed.
    package var hasFailed: Bool

    /// A span of these members.
    package init(
        _ name: String, _ kind: Kind, _ context: TraceContext, parent: SpanID?, isParentRemote: Bool,
        from start: Timestamp, to end: Timestamp, _ attributes: Attributes, hasFailed: Bool
    ) {
        self.context = context
        self.parent = parent
        self.isParentRemote = isParentRemote
        self.name = name
        self.kind = kind
        self.start = start
        self.end = end
        self.attributes = attributes
        self.hasFailed = hasFailed
    }
}

extension TraceSpan {
    /// Appends the span as JSON.
    func write(to output: inout [UInt8]) {
        output.append(#"{"traceId":""#)
        context.trace.write(to: &output)
        output.append(#"","spanId":""#)
        context.span.write(to: &output)
        if let parent {
            output.append(#"","parentSpanId":""#)
            parent.write(to: &output)
        }
        output.append(#"","flags":"#)
        output.appendDecimal(flags)
        output.append(#","name":"#)
        JSONString.appendUTF8(name, to: &output)
        output.append(#","kind":"#)
        output.appendDecimal(kind.rawValue)
        output.append(#","startTimeUnixNano":"#)
        output.appendQuoted(start.unixNanoseconds)
        output.append(#","endTimeUnixNano":"#)
        output.appendQuoted(end.unixNanoseconds)
        output.append(#","attributes":["#)
        output.append(contentsOf: attributes.json)
        output.append(hasFailed ? #"],"status":{"code":2}}"# : "]}")
    }

    /// The flags of the trace, and whether the parent is known to be remote (`SpanFlags`).
    private var flags: UInt32 { UInt32(context.flags.rawValue) | 0x100 | (isParentRemote ? 0x200 : 0) }
}

extension Timestamp {
    /// Nanoseconds since 1970; 0 for every moment before.
    var unixNanoseconds: UInt64 {
        let (nanoseconds, isTooLate) = UInt64(max(0, microseconds)).multipliedReportingOverflow(by: 1000)
        return isTooLate ? .max : nanoseconds
    }
}
