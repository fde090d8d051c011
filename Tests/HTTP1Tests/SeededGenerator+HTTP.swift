import SeededRandom

extension SeededGenerator {
    /// Changes one to three bytes, with bytes that matter to HTTP.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        mutated(bytes, with: Array("\r\n\r\n\t :;,=\"\\0159afxAZ/?#*@[]%-\u{0}\u{1}\u{7F}é".utf8))
    }
}
