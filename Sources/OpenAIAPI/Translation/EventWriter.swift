import Bytes

/// Writes server-sent events whose `event` is the `type` of their data.
package struct EventWriter {
    /// The events so far.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Begins an event: `{"type":"TYPE"`. The caller appends the other members, each with a comma before it.
    package mutating func begin(_ type: StaticString) {
        bytes.append("event: ")
        bytes.append(type)
        bytes.append("\ndata: {\"type\":\"")
        bytes.append(type)
        bytes.append("\"")
    }

    /// Appends JSON.
    package mutating func append(_ json: StaticString) { bytes.append(json) }

    /// Appends JSON.
    package mutating func append(_ json: [UInt8]) { bytes.append(contentsOf: json) }

    /// Appends JSON.
    package mutating func append(_ json: Span<UInt8>) { bytes.append(json) }

    /// Appends a number.
    package mutating func append(_ number: Int64) { bytes.appendDecimal(number) }

    /// Appends JSON that `write` appends.
    package mutating func json(_ write: (inout [UInt8]) -> Void) { write(&bytes) }

    /// Ends the event.
    package mutating func end() { bytes.append("}\n\n") }

    /// Moves the events to `output`.
    package mutating func flush(to output: inout [UInt8]) {
        output.append(contentsOf: bytes)
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4096)
    }
}
