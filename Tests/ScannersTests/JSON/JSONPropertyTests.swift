import Foundation
import SeededRandom
import Testing

@testable import Scanners

/// Random documents, whole, cut and damaged, against the model.
@Suite struct JSONPropertyTests {
    static let paths = [
        "a", "b", "model", "usage.a", "usage.model", "a.b", "a[].b", "[]", "[].a", "[][]", "[].a[].model", "usage",
        "a.b.model", "é", "model.usage[]", "", "stream", "b[]", "a.a.a.a",
    ]

    struct Case {
        let path: String
        let capture: JSONPath.Capture
        let duplicates: JSONPath.Duplicates

        var steps: [String] {
            path.replacingOccurrences(of: "[]", with: ".[]").split(separator: ".").map(String.init)
        }
    }

    static func cases(_ random: inout SeededGenerator) -> [Case] {
        (0..<random.number(0...12)).map { _ in
            Case(
                path: random.pick(paths), capture: random.pick([.value, .textLength, .count]),
                duplicates: random.pick([.refuse, .first, .first, .last, .last, .last]))
        }
    }

    static func paths(_ cases: [Case]) -> [JSONPath] {
        cases.map { JSONPath($0.path, $0.capture, duplicates: $0.duplicates) }
    }

    @Test func everyFindingIsWhatTheModelSays() throws {
        var generator = JSONGenerator(seed: 1)
        for round in 0..<4000 {
            let document = generator.document()
            let cases = Self.cases(&generator.random)
            let limit = generator.random.pick([0, 1, 3, 8, 256])
            let model = try #require(JSONModel.parse(document), "the generator wrote what is no JSON, round \(round)")
            let outcome = JSONOutcome([document], Self.paths(cases), captureLimit: limit)
            let refusals = cases.filter { $0.duplicates == .refuse }.flatMap { model.duplicates($0.steps) }
            if let first = refusals.min() {
                guard case .duplicateMember = outcome.error?.kind else {
                    Issue.record("round \(round): a duplicate was not refused")
                    continue
                }
                #expect(outcome.error?.offset == first, "round \(round)")
                continue
            }
            #expect(outcome.error == nil, "round \(round)")
            for (index, item) in cases.enumerated() {
                Self.check(outcome.found[index], item, model, document, limit, round)
            }
        }
    }

    private static func check(
        _ match: JSONMatch?, _ item: Case, _ model: JSONModel, _ document: [UInt8], _ limit: Int, _ round: Int
    ) {
        let matches = model.matches(item.steps, first: item.duplicates == .first)
        guard let match, let last = matches.last else {
            #expect(match == nil && matches.isEmpty, "round \(round): \(item.path)")
            return
        }
        let strings = item.capture == .textLength ? matches.flatMap { $0.value.strings } : []
        #expect(match.range == last.value.range, "round \(round): \(item.path)")
        #expect(match.memberStart == last.keyStart, "round \(round): \(item.path)")
        #expect(match.kind == last.value.kind, "round \(round)")
        #expect(match.text == last.value.text(limit: limit), "round \(round)")
        #expect(match.utf8Bytes == strings.reduce(0) { $0 + $1.count }, "round \(round): \(item.path)")
        #expect(
            match.scalars == strings.reduce(0) { $0 + String(decoding: $1, as: UTF8.self).unicodeScalars.count },
            "round \(round): \(item.path)")
        #expect(
            match.elements == (item.capture == .count ? matches.reduce(0) { $0 + $1.value.childCount } : 0),
            "round \(round): \(item.path)")
        #expect(match.contentIsEmpty == (last.value.isContainer && last.value.childCount == 0), "round \(round)")
        guard let keyStart = last.keyStart else {
            #expect(match.removal == nil)
            return
        }
        guard let removal = match.removal else {
            Issue.record("round \(round): no removal")
            return
        }
        var rest = document
        rest.removeSubrange(removal)
        #expect(
            JSONModel.parse(rest)?.canonical() == model.canonical(without: keyStart), "round \(round): \(item.path)")
    }

    @Test func anySplitFindsTheSame() {
        var generator = JSONGenerator(seed: 2)
        for round in 0..<400 {
            let document = generator.document()
            let paths = Self.paths(Self.cases(&generator.random))
            let limit = generator.random.pick([0, 3, 256])
            var scanner = JSONScanner(JSONPathSet(paths, captureLimit: limit))
            let whole = JSONOutcome([document], &scanner)
            let splits =
                document.count < 200 ? everySplit(document) : (0..<50).map { _ in generator.random.pieces(document) }
            #expect(splits.allSatisfy { JSONOutcome($0, &scanner) == whole }, "round \(round)")
        }
    }

    @Test func damagedDocumentsAreRefusedWhereTheModelRefusesThem() {
        var generator = JSONGenerator(seed: 3)
        let telling =
            Array("\"\"\\{}[]:,, \n0159-+.eEutrufalsn/\u{1}\u{7F}é关\u{1F600}".utf8) + [0x80, 0xC0, 0xED, 0xFF, 0xF4]
        let paths = [JSONPath("model"), JSONPath("a[].b", .textLength), JSONPath("usage", .count)]
        var scanner = JSONScanner(JSONPathSet(paths))
        var refused = 0
        for round in 0..<12000 {
            let document = generator.random.mutated(generator.document(), with: telling)
            let outcome = JSONOutcome([document], &scanner)
            #expect((JSONModel.parse(document) != nil) == (outcome.error == nil), "round \(round)")
            if outcome.error != nil { refused += 1 }
            let isSame = JSONOutcome(generator.random.pieces(document), &scanner) == outcome
            #expect(isSame, "round \(round)")
            if let offset = outcome.error?.offset { #expect(offset <= document.count) }
        }
        // Else the test would have shown nothing.
        #expect(refused > 4000)
        #expect(refused < 11900)
    }

    @Test func theFirstByteThatCannotBeRightIsTheOneReported() {
        var generator = JSONGenerator(seed: 4)
        var scanner = JSONScanner(JSONPathSet([]))
        for round in 0..<2000 {
            let document = generator.random.mutated(generator.document(), with: Array("\"{}[]:,0-e\\".utf8))
            guard let error = JSONOutcome([document], &scanner).error, error.kind != .unexpectedEnd else { continue }
            // What precedes it fails at its end only.
            let before = JSONOutcome([Array(document[..<error.offset])], &scanner)
            #expect(
                before.error == nil || before.error == JSONError(.unexpectedEnd, at: error.offset), "round \(round)")
        }
    }

    @Test func foundationAgreesOnWhatIsInIt() throws {
        var generator = JSONGenerator(seed: 5)
        generator.isWild = false
        let paths = [JSONPath("model"), JSONPath("usage.model")]
        var compared = 0
        for round in 0..<6000 {
            let document = generator.document()
            let tree = try? JSONSerialization.jsonObject(with: Data(document), options: .fragmentsAllowed)
            let object = try #require(tree, "round \(round)") as? [String: Any]
            let found = JSONOutcome([document], paths).found
            let values = [object?["model"], (object?["usage"] as? [String: Any])?["model"]]
            for (match, value) in zip(found, values) {
                #expect((match == nil) == (value == nil), "round \(round)")
                guard let match, match.kind == .string else { continue }
                #expect(match.text == value as? String, "round \(round)")
                compared += 1
            }
        }
        #expect(compared > 50)
    }
}

extension JSONModel {
    var kind: JSONKind {
        switch content {
        case .string: .string
        case .number: .number
        case .true: .true
        case .false: .false
        case .null: .null
        case .array: .array
        case .object: .object
        }
    }

    var isContainer: Bool { kind == .array || kind == .object }

    func text(limit: Int) -> String? {
        switch content {
        case .string(let text): text.count <= limit ? String(decoding: text, as: UTF8.self) : nil
        case .number: literal.count <= limit ? String(decoding: literal, as: UTF8.self) : nil
        default: nil
        }
    }
}
