import Bytes

extension JSONString {
    /// Appends `text` as a JSON string in ASCII, or `null`.
    static func append(orNull text: String?, to output: inout [UInt8]) {
        if let text { append(text, to: &output) } else { output.append("null") }
    }
}
