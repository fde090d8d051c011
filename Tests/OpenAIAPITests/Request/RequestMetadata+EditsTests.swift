import Foundation
import OpenAIAPI
import SeededRandom
import Testing

@Suite struct RequestMetadataEditsTests {
    private func forwarded(_ body: String, model: String? = nil, askForUsage: Bool = true) throws -> String {
        let metadata = try metadata(.chatCompletions, body)
        return edited(body, metadata.edits(servedModel: model, askForUsage: askForUsage))
    }

    @Test func nothingChangesWithoutAReason() throws {
        let body = #"{ "model" : "m" , "seed":9007199254740993, "tool_calls": null }"#
        #expect(try forwarded(body, askForUsage: false) == body)
    }

    @Test func anAliasIsReplacedAndNothingElse() throws {
        #expect(
            try forwarded(
                #"{"seed":9007199254740993, "model" :"gpt-4o", "n": 1}"#, model: "a/\"b\"", askForUsage: false)
                == #"{"seed":9007199254740993, "model" :"a/\"b\"", "n": 1}"#)
    }

    @Test func usageIsAskedFor() throws {
        #expect(
            try forwarded(#"{"model":"m","stream":true}"#)
                == #"{"stream_options":{"include_usage":true},"model":"m","stream":true}"#)
        #expect(
            try forwarded(#"{"model":"m","stream_options":null}"#)
                == #"{"model":"m","stream_options":{"include_usage":true}}"#)
        #expect(
            try forwarded(#"{"model":"m","stream_options":{}}"#)
                == #"{"model":"m","stream_options":{"include_usage":true}}"#)
        #expect(
            try forwarded(#"{"model":"m","stream_options":{ "x":1}}"#)
                == #"{"model":"m","stream_options":{"include_usage":true, "x":1}}"#)
        for value in ["false", "null"] {
            #expect(
                try forwarded(#"{"stream_options":{"a":1,"include_usage" : \#(value) },"model":"m"}"#)
                    == #"{"stream_options":{"a":1,"include_usage" : true },"model":"m"}"#)
        }
        let asked = #"{"model":"m","stream_options":{"include_usage":true}}"#
        #expect(try forwarded(asked) == asked)
    }

    @Test func bothAtOnce() throws {
        #expect(
            try forwarded(#"{"model":"a"}"#, model: "b") == #"{"stream_options":{"include_usage":true},"model":"b"}"#)
    }

    /// The model in the path counts, as Azure has it: the body gets it.
    @Test(arguments: [
        (#"{}"#, #"{"model":"a\/b"}"#), (#"{"x":1}"#, #"{"model":"a\/b","x":1}"#),
        (#"{"model":null}"#, #"{"model":"a\/b"}"#), (#"{"model":"other","x":1}"#, #"{"model":"a\/b","x":1}"#),
    ])
    func theModelOfThePathIsWritten(body: String, expected: String) throws {
        let bytes = Array(body.utf8)
        for pieces in everySplit(bytes) {
            let scanner = try RequestScanner(endpoint: .chatCompletions, contentType: nil, pathNamesModel: true)
            for piece in pieces { try scanner.scan(piece.span) }
            let metadata = try scanner.finish()
            let result = edited(body, metadata.edits(servedModel: "a/b", askForUsage: false))
            #expect(parsed(result) == parsed(expected))
            let all = edited(body, metadata.edits(servedModel: "a/b", askForUsage: true, outputBound: 7))
            let object = try #require(parsed(all) as? [String: NSObject])
            #expect(object["model"] == "a/b" as NSString)
            #expect(object["max_tokens"] == 7 as NSNumber)
            #expect(object["stream_options"] != nil)
        }
        let same = try RequestScanner(endpoint: .chatCompletions, contentType: nil, pathNamesModel: true)
        try same.scan(Array(#"{"model":"a"}"#.utf8).span)
        #expect(try same.finish().edits(servedModel: "a", askForUsage: false).isEmpty)
        for value in ["1", "\"\"", "\"a\\u0000\""] {
            let wrong = try RequestScanner(endpoint: .chatCompletions, contentType: nil, pathNamesModel: true)
            try wrong.scan(Array("{\"model\":\(value)}".utf8).span)
            #expect(throws: APIError.invalidModel) { try wrong.finish() }
        }
    }

    /// Random bodies: what goes out means the same but for the two members, and large integers are the same bytes.
    @Test func everyOtherMemberSurvives() throws {
        var random = SeededGenerator(seed: 21)
        for _ in 0..<2000 {
            var members = [#""model" : "al\u0069as""#]
            if random.once(in: 2) {
                members.append(
                    "\"stream_options\": "
                        + random.pick([
                            "null", "{}", "{ }", "{\"a\":[1]}", "{\"include_usage\":false}",
                            "{\"a\":1, \"include_usage\" : null}",
                        ]))
            }
            if random.once(in: 2) { members.append("\"stream\":true") }
            if random.once(in: 2) { members.append("\"seed\": 9007199254740993") }
            if random.once(in: 2) { members.append("\"big\":18446744073709551615") }
            if random.once(in: 2) {
                members.append("\"messages\":[{\"content\":\"\\\"model\\\": {\", \"tool_calls\": null}]")
            }
            members.shuffle(using: &random)
            let body =
                random.pick(["{", " {\n "]) + members.joined(separator: random.pick([",", " , "]))
                + random.pick(["}", " } "])
            let pieces = random.pieces(Array(body.utf8))
            let metadata = try metadata(.chatCompletions, pieces)
            let result = edited(body, metadata.edits(servedModel: "tar/get", askForUsage: true))

            let before = try #require(parsed(body) as? [String: NSObject])
            let after = try #require(parsed(result) as? [String: NSObject])
            var expected = before
            expected["model"] = "tar/get" as NSString
            var options = before["stream_options"] as? [String: NSObject] ?? [:]
            options["include_usage"] = true as NSNumber
            expected["stream_options"] = options as NSDictionary
            #expect(after as NSDictionary == expected as NSDictionary, "\(body) became \(result)")
            for number in ["9007199254740993", "18446744073709551615"] {
                #expect(body.contains(number) == result.contains(number))
            }
        }
    }
}
