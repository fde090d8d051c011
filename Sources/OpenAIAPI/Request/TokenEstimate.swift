/// Estimates of tokens for requests and responses whose usage the upstream does not state.
///
/// Estimates are marked as such in the ledger. They are rather high: tokens that are not counted are billed to no key.
package enum TokenEstimate {
    /// The approximate number of tokens of a text: `(scalars + 5 · bytes) / 24`, rounded up. At least 1 unless the text
    /// is empty.
    ///
    /// The formula is the straight line through two rules of thumb. English has about four characters a token (OpenAI,
    /// "What are tokens and how to count them?"). A CJK character has three bytes of UTF-8 and two thirds of a token.
    /// Other scripts follow from the formula: 11/24 of a token for a Cyrillic or Greek letter, 21/24 for an emoji.
    package static func tokens(ofScalars scalars: Int, utf8Bytes bytes: Int) -> Int64 {
        guard bytes > 0 else { return 0 }
        return (Int64(scalars) + 5 * Int64(bytes) + 23) / 24
    }

    /// A number of tokens that a text rarely exceeds: half its bytes. Reserved against limits of tokens a minute.
    ///
    /// Measured with cl100k and o200k: 1.3 to 2.2 times the tokens of prose in nine languages, of program text, JSON
    /// and YAML; equal for logs and tables of numbers; 0.7 to 0.9 times for random letters, hex, base64, punctuation
    /// and emoji.
    package static func likelyMost(utf8Bytes bytes: Int) -> Int64 { (Int64(bytes) + 1) / 2 }

    /// A number of tokens that no text exceeds, including a chat's template: tokenizers make at most one token of a
    /// byte. Reserved against budgets, for every byte of a body that is no medium: names, numbers and unknown members too.
    /// Three to four times the tokens of prose.
    package static func most(utf8Bytes bytes: Int) -> Int64 { Int64(bytes) + 256 }

    /// A number of tokens that an image or other medium rarely exceeds.
    package static let mostTokensPerMedium: Int64 = 4096

    /// Bytes of a sound or video in Base64 for each token, at the least: speech of 6 kbit/s and 25 tokens a second has 40.
    package static let leastBytesPerTimedToken: Int64 = 16

    /// Bytes of a sound or video in Base64 for each token, mostly: MP3 of 32 kbit/s and 25 tokens a second has 213.
    package static let likelyBytesPerTimedToken: Int64 = 128

    /// Tokens of an image or other medium in a chat message, of which only the model knows the exact number.
    ///
    /// Gemma 3 makes 256 of every image (its technical report, section 2.1). Other models make 85 to some thousands.
    package static let tokensPerMedium: Int64 = 256
}
