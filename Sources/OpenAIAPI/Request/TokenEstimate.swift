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

    /// Tokens that a text of so many bytes of UTF-8 hardly exceeds: half its bytes. To be reserved where tokens a minute are limited.
    ///
    /// Measured with the tokenizers of GPT-4 and GPT-4o (cl100k, o200k): 1.3 to 2.2 times the tokens of prose in nine languages,
    /// of program text, JSON and YAML; equal for logs and tables of numbers; too low, 0.7 to 0.9 times, for random letters, hex,
    /// base64, punctuation and emoji alone.
    package static func likelyMost(utf8Bytes bytes: Int) -> Int64 { (Int64(bytes) + 1) / 2 }

    /// Tokens that no text of so many bytes of UTF-8 exceeds, what a chat's template puts around it included: tokenizers make at
    /// most one of each byte. To be reserved where money is limited. Three to four times the tokens of prose.
    package static func most(utf8Bytes bytes: Int) -> Int64 { Int64(bytes) + 256 }

    /// Tokens that hardly an image or other medium exceeds.
    package static let mostTokensPerMedium: Int64 = 4096

    /// Tokens for an image or another medium within a chat message, whose size in tokens only the model knows: 256, what
    /// Gemma 3 makes of every image (its technical report, section 2.1). Other models make 85 to some thousands.
    package static let tokensPerMedium: Int64 = 256
}
