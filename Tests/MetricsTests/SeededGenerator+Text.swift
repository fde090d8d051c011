import SeededRandom

extension SeededGenerator {
    /// Text of up to 12 characters, among them all that the exposition format escapes or that may upset its readers.
    mutating func text() -> String {
        let alphabet = ["\\", "\"", "\n", "n", "a", "{", "}", ",", "=", " ", "#", "é", "🦆", "\u{0}", "\r", "\t"]
        return (0..<Int.random(in: 0...12, using: &self)).map { _ in alphabet.randomElement(using: &self) ?? "" }
            .joined()
    }
}
