import Foundation
import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct ArgumentsBalanceTests {
    private static let documents = [
        "{}", #"{"a":1}"#, #"{"a":"}"}"#, #"{"a":"\"}"}"#, #"{"a":"\\"}"#, #"{"a":[{},[]],"b":{"c":"]"}}"#, " { } ",
        "[1]",
    ]

    /// The arguments are complete where the document is, and not a byte earlier.
    @Test(arguments: documents) func theEndIsThatOfTheDocument(_ text: String) {
        let bytes = Array(text.utf8)
        for count in 0...bytes.count {
            let isWhole = (try? JSONSerialization.jsonObject(with: Data(bytes[..<count]))) != nil
            for pieces in everySplit(Array(bytes[..<count])) {
                var balance = ArgumentsBalance()
                for piece in pieces { balance.add(piece.span) }
                #expect(balance.isComplete == isWhole)
            }
        }
    }

    @Test func whatFollowsChangesNothing() {
        var balance = ArgumentsBalance()
        balance.add(Array("{}{{{".utf8).span)
        balance.add(Array("[".utf8).span)
        #expect(balance.isComplete)
    }

    @Test(arguments: ["", "  ", "no object", "\"}\"", "{"])
    func otherTextIsNeverComplete(_ text: String) {
        var balance = ArgumentsBalance()
        balance.add(Array(text.utf8).span)
        #expect(!balance.isComplete)
    }
}
