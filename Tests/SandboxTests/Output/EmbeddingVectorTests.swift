import Foundation
import Testing

@testable import Sandbox

@Suite struct EmbeddingVectorTests {
    private func numbers(_ text: String, _ dimensions: Int) throws -> [Double] {
        let json = written { EmbeddingVector(Array(text.utf8)[...], dimensions: dimensions).appendNumbers(to: &$0) }
        return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [Double])
    }

    @Test(arguments: [1, 2, 768, 8192])
    func aVectorHasLengthOne(_ dimensions: Int) throws {
        let squares = try numbers("text", dimensions).reduce(0) { $0 + $1 * $1 }
        #expect(abs(squares - 1) < 0.01)
    }

    @Test func differentTextsHaveDifferentVectors() throws {
        let vectors = try Set((0..<100).map { try numbers("text \($0)", 8) })
        #expect(vectors.count == 100)
    }

    @Test func differentTextsAreFarApart() throws {
        let (one, two) = try (numbers("one", 1024), numbers("two", 1024))
        #expect(abs(zip(one, two).reduce(0) { $0 + $1.0 * $1.1 }) < 0.2)
    }
}
