extension Unicode.Scalar {
    /// False for characters that break a line or reverse the text of a report: controls, line separators and bidirectional
    /// overrides.
    package var isPrintable: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}
