import Bytes

/// Writes heads into a buffer, which can be reused, so that a head costs no allocation.
///
/// No value can break a head: bytes that could end a line become spaces in values and are percent-encoded in targets.
package struct HeadWriter: Sendable {
    /// The bytes written so far. Callers may append to them, such as the start of a body.
    package var bytes: [UInt8]

    /// A writer that reuses the capacity of `bytes` and drops its content.
    package init(reusing bytes: consuming [UInt8] = []) {
        bytes.removeAll(keepingCapacity: true)
        self.bytes = bytes
    }

    /// Writes a request line. `method` is a token. Bytes that `target` must not have are percent-encoded.
    package mutating func request(method: StaticString, target: Span<UInt8>) {
        bytes.append(method)
        self.target(target)
    }

    /// Writes a request line with the method at `method` in `fields`.
    package mutating func request(method: Range<Int>, of fields: HeaderFields, target: Span<UInt8>) {
        fields.append(method, to: &bytes)
        self.target(target)
    }

    private mutating func target(_ target: Span<UInt8>) {
        bytes.append(ASCII.space)
        var start = 0
        while start < target.count {
            let end = target.index(after: .target, from: start)
            bytes.append(start..<end, of: target)
            if end < target.count { PercentCoding.appendEscape(of: target[end], to: &bytes) }
            start = end + 1
        }
        bytes.append(" HTTP/1.1\r\n")
    }

    /// Writes a status line such as `HTTP/1.1 200 OK`. The reason phrase is empty where RFC 9110 has none.
    /// `status` is 100...999.
    package mutating func status(_ status: Int) {
        precondition((100...999).contains(status))
        guard status != 200 else { return bytes.append("HTTP/1.1 200 OK\r\n") }
        bytes.append("HTTP/1.1 ")
        bytes.appendDecimal(status)
        bytes.append(ASCII.space)
        bytes.append(ReasonPhrase.of(status))
        bytes.append("\r\n")
    }

    /// Writes a field. `name` is a token, `value` a field value.
    package mutating func field(_ name: StaticString, _ value: StaticString) {
        begin(name)
        bytes.append(value)
        bytes.append("\r\n")
    }

    /// Writes a field. Control bytes of `value` become spaces.
    package mutating func field(_ name: StaticString, _ value: String) {
        begin(name)
        self.value(value.utf8.span)
        bytes.append("\r\n")
    }

    /// Writes a field with a token of the configuration as its name. Control bytes of `value` become spaces.
    package mutating func field(configured name: String, _ value: String) {
        bytes.append(name.utf8.span)
        bytes.append(": ")
        self.value(value.utf8.span)
        bytes.append("\r\n")
    }

    /// Writes a field. Control bytes of `value` become spaces.
    package mutating func field(_ name: StaticString, bytes value: Span<UInt8>) {
        begin(name)
        self.value(value)
        bytes.append("\r\n")
    }

    /// Writes a field with a decimal number.
    package mutating func field(_ name: StaticString, _ value: Int) {
        begin(name)
        bytes.appendDecimal(value)
        bytes.append("\r\n")
    }

    /// Writes a field as it was received, with the spelling of its name.
    package mutating func copy(_ field: HeaderFields.Field, of fields: HeaderFields) {
        let line = field.name.lowerBound..<field.value.upperBound + 2
        // Nearly all received fields are spelled `name: value` as well. One copy then replaces four.
        if field.value.lowerBound == field.name.upperBound + 2,
            fields.bytes[field.name.upperBound + 1] == ASCII.space,
            fields.bytes[field.value.upperBound] == ASCII.carriageReturn
        {
            return fields.append(line, to: &bytes)
        }
        fields.append(field.name, to: &bytes)
        bytes.append(": ")
        fields.append(field.value, to: &bytes)
        bytes.append("\r\n")
    }

    /// Writes the empty line that ends a head.
    package mutating func end() {
        bytes.append("\r\n")
    }

    private mutating func begin(_ name: StaticString) {
        bytes.append(name)
        bytes.append(": ")
    }

    private mutating func value(_ value: Span<UInt8>) {
        var start = 0
        while start < value.count {
            let end = value.indexOfControl(from: start, to: value.count)
            bytes.append(start..<end, of: value)
            if end < value.count { bytes.append(value[end] == ASCII.tab ? ASCII.tab : ASCII.space) }
            start = end + 1
        }
    }
}
