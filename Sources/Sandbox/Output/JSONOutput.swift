import Bytes
import Foundation

/// A JSON document that is written piece by piece, in the order of the upstream's members.
struct JSONOutput: Sendable {
    var bytes: [UInt8] = []

    init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    /// Appends text that is JSON already.
    mutating func raw(_ text: StaticString) { bytes.append(text) }

    /// Appends text that is JSON already.
    mutating func raw(_ text: some Collection<UInt8>) { bytes.append(contentsOf: text) }

    /// Appends a string with its quotes.
    mutating func string(_ text: String) { JSONString.appendUTF8(text, to: &bytes) }

    mutating func stringOrNull(_ text: String?) {
        if let text { string(text) } else { raw("null") }
    }

    /// Appends a part of a string, without quotes.
    mutating func escaped(_ text: some Sequence<UInt8>) {
        for byte in text { JSONString.appendEscaped(byte, to: &bytes) }
    }

    /// Appends `bytes` in Base64 (RFC 4648, section 4), with quotes.
    mutating func base64(_ bytes: [UInt8]) {
        raw("\"")
        raw(Data(bytes).base64EncodedData())
        raw("\"")
    }

    mutating func integer(_ value: Int) { bytes.appendDecimal(value) }

    /// Appends `thousandths` as a decimal with three digits after the point. Negative numbers are not supported.
    mutating func thousandths(_ thousandths: Int) {
        integer(thousandths / 1000)
        raw(".")
        bytes.appendDecimal(thousandths % 1000, digits: 3)
    }

    /// Appends `millionths` as a decimal with six digits after the point.
    mutating func millionths(_ millionths: Int) {
        if millionths < 0 { raw("-") }
        bytes.appendDecimal(millionths.magnitude / 1_000_000)
        raw(".")
        bytes.appendDecimal(millionths.magnitude % 1_000_000, digits: 6)
    }
}
