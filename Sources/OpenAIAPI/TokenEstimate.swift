/// Estimates where the upstream states nothing.
///
/// They are marked as estimates wherever they are kept. They lean upwards: what is not counted is billed to nobody.
package enum TokenEstimate {
    /// About how many tokens a text has: `(scalars + 5 · bytes) / 24`, rounded up, at least 1 for a text that is not empty.
    ///
    /// The rule is the straight line through two rules of thumb. English text has about four characters a token (OpenAI,
    /// "What are tokens and how to count them?"); a CJK character, three bytes of UTF-8, is half a token to a whole one, two
    /// thirds here. ASCII has one byte a scalar: 6/24 of a token each. CJK has three: 16/24. Cyrillic and Greek with two come
    /// out between them (11/24), emoji with four above (21/24), and text of all kinds mixed is the sum of its parts.
    package static func tokens(ofScalars scalars: Int, utf8Bytes bytes: Int) -> Int64 {
        guard bytes > 0 else { return 0 }
        return (Int64(scalars) + 5 * Int64(bytes) + 23) / 24
    }

    /// Tokens for an image or another medium within a chat message, whose size in tokens only the model knows: 256, what
    /// Gemma 3 makes of every image (its technical report, section 2.1). Other models make 85 to some thousands.
    package static let tokensPerMedium: Int64 = 256
}
