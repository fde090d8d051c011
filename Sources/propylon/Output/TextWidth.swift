/// Columns of a terminal that a text takes: most characters one, wide ones two, and marks on others none.
///
/// Wide are those of East Asian Width W and F (Unicode Standard Annex 11), and what is shown as an emoji.
enum TextWidth {
    /// Ranges of wide characters, without those that are emoji by themselves.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF,
        0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]

    /// The columns of `text`.
    static func of(_ text: some StringProtocol) -> Int {
        isPlain(text) ? text.utf8.count : text.reduce(0) { $0 + of($1) }
    }

    /// Whether `text` is of printable ASCII alone, each character of one column. Nearly all texts are.
    static func isPlain(_ text: some StringProtocol) -> Bool { text.utf8.allSatisfy { 0x20..<0x7F ~= $0 } }

    /// The columns of a character with all its marks. One that joins several, as a family of emoji, is as wide as an emoji.
    static func of(_ character: Character) -> Int {
        let scalars = character.unicodeScalars
        let isEmoji = scalars.contains { $0.properties.isEmojiPresentation || $0.value == 0xFE0F }
        return isEmoji ? 2 : scalars.reduce(0) { $0 + of($1) }
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        // Vowels and finals of Hangul share the square of their first consonant.
        if 0x1160...0x11FF ~= scalar.value { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: return wide.contains { $0 ~= scalar.value } ? 2 : 1
        }
    }
}
