import Foundation
import OpenAIAPI
import SeededRandom
import Testing

/// Random streams against a model that reads them whole, with Foundation.
@Suite struct EventStreamTransformPropertyTests {
    private static func event(_ random: inout SeededGenerator, _ end: String) -> String {
        let usage = random.pick([
            nil, "null", #"{"prompt_tokens":5,"completion_tokens":\#(Int.random(in: 0...99, using: &random))}"#, "{}",
        ])
        let text = random.pick(["", "a", "é\\n", "关 \\ud83d\\ude00", "\\\"usage\\\":null,", "{\\\"usage\\\": 1}"])
        var members: [String] = []
        if !random.once(in: 4) {
            members.append("\"choices\":" + random.pick(["[]", "[ ]", "[{\"delta\":{\"content\":\"\(text)\"}}]"]))
        }
        if random.once(in: 2) { members.append("\"id\": \"c\(Int.random(in: 0...9, using: &random))\"") }
        if random.once(in: 3) { members.append("\"n\":9007199254740993") }
        if random.once(in: 8) { members.append("\"error\": " + random.pick(["null", "{\"message\":\"x\"}"])) }
        if let usage { members.append("\"us\(random.pick(["a", "\\u0061"]))ge\" :\(usage)") }
        members.shuffle(using: &random)
        let json = "{" + random.pick(["", " "]) + members.joined(separator: random.pick([",", " , "])) + "}"
        let data = random.pick([json, json, json, json, "[DONE]", "", "no JSON", "[1]"])
        let lines = [
            random.once(in: 5) ? ": c" : nil, random.once(in: 5) ? "event: e" : nil,
            random.once(in: 9) ? nil : "data: \(data)",
        ]
        return lines.compactMap { $0 }.map { $0 + end }.joined() + end
    }

    /// What the event with `data` becomes: nil where it is taken out.
    private static func model(_ data: String) -> String?? {
        guard var object = parsed(data) as? [String: NSObject] else { return .some(data) }
        if let error = object["error"], !(error is NSNull) { return .some(data) }
        if object["usage"] is [String: NSObject] {
            if object["choices"] == nil || (object["choices"] as? [NSObject])?.isEmpty == true { return nil }
        }
        guard object["usage"] != nil else { return .some(data) }
        object["usage"] = nil
        return .some(
            String(decoding: try! JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self))
    }

    private static func canonical(_ data: String) -> String {
        guard let object = parsed(data) as? [String: NSObject] else { return data }
        return String(
            decoding: try! JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }

    private static func events(_ text: String) -> [[String]] {
        text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").components(separatedBy: "\n\n").map {
            $0.components(separatedBy: "\n").filter { !$0.isEmpty }
        }.filter { !$0.isEmpty }
    }

    @Test func nothingChangesWhereNothingIsHidden() {
        var random = SeededGenerator(seed: 31)
        for _ in 0..<1500 {
            let end = random.pick(["\n", "\n", "\r\n", "\r"])
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in Self.event(&random, end) }.joined()
            let bytes = Array(
                text.utf8.prefix(random.once(in: 3) ? Int.random(in: 0...text.utf8.count, using: &random) : .max))
            let whole = transformed([bytes])
            #expect(whole.output == bytes)
            let split = transformed(random.pieces(bytes))
            #expect(split.output == bytes)
            #expect(split.transform.metadata == whole.transform.metadata)
        }
    }

    /// The limit decides about removal alone, and never about what is read.
    @Test func everyEventIsReadWhateverTheLimit() {
        var random = SeededGenerator(seed: 34)
        var larger = 0
        for _ in 0..<1500 {
            let end = random.pick(["\n", "\n", "\r\n", "\r"])
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in Self.event(&random, end) }.joined()
            let bytes = Array(text.utf8)
            let limit = Int.random(in: 1...120, using: &random)
            let unlimited = transformed([bytes])
            let whole = transformed([bytes], eventLimit: limit)
            let split = transformed(random.pieces(bytes), eventLimit: limit)
            #expect(whole.output == bytes && split.output == bytes)
            #expect(split.transform.metadata == whole.transform.metadata)
            #expect(split.transform.hasSeenEvent == unlimited.transform.hasSeenEvent)
            // A document that breaks off counts as far as it was read.
            guard !text.contains("no JSON") else { continue }
            larger += Self.events(text).count
            #expect(whole.transform.metadata == unlimited.transform.metadata, "\(limit) \(text)")
            let hidden = transformed([bytes], hidesUsage: true, eventLimit: limit)
            let hiddenSplit = transformed(random.pieces(bytes), hidesUsage: true, eventLimit: limit)
            #expect(hidden.output == hiddenSplit.output)
            #expect(hiddenSplit.transform.metadata == unlimited.transform.metadata)
        }
        #expect(larger > 1000)
    }

    @Test func hiddenStreamsAreTheFilteredOnes() {
        var random = SeededGenerator(seed: 32)
        for _ in 0..<1500 {
            let end = random.pick(["\n", "\n", "\r\n"])
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in Self.event(&random, end) }.joined()
            let bytes = Array(text.utf8)
            let whole = transformed([bytes], hidesUsage: true)
            let split = transformed(random.pieces(bytes), hidesUsage: true)
            #expect(split.output == whole.output)
            #expect(split.transform.metadata == whole.transform.metadata)
            #expect(whole.transform.metadata == transformed([bytes]).transform.metadata)

            let expected = Self.events(text).compactMap { lines -> [String]? in
                var result: [String] = []
                for line in lines {
                    guard line.hasPrefix("data: ") else {
                        result.append(line)
                        continue
                    }
                    guard let data = Self.model(String(line.dropFirst(6))) else { return nil }
                    result.append("data: " + Self.canonical(data ?? ""))
                }
                return result
            }
            let actual = Self.events(String(decoding: whole.output, as: UTF8.self)).map { lines in
                lines.map { $0.hasPrefix("data: ") ? "data: " + Self.canonical(String($0.dropFirst(6))) : $0 }
            }
            #expect(actual == expected, "\(text)")
            #expect(
                text.contains("9007199254740993") || !String(decoding: whole.output, as: UTF8.self).contains("900719"))
        }
    }

    @Test func relayingTwiceIsAsRelayingOnce() {
        var random = SeededGenerator(seed: 33)
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in Self.event(&random, "\n") }.joined()
            let once = transformed([Array(text.utf8)], hidesUsage: true).output
            #expect(transformed([once], hidesUsage: true).output == once)
        }
    }
}
