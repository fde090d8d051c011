import SeededRandom
import Testing

@testable import HTTP1

/// Mutated requests against a slow, obvious parser that sees the whole head at once.
@Suite struct RequestModelTests {
    private struct Model {
        var fields: [[String]] = []
        var framing = BodyFraming.none
        var method = ""
        var target = ""

        /// Nil for a head that is to be refused.
        init?(_ head: [UInt8]) {
            // One character a byte, so that the whole of String can be used.
            let text = head.map { Character(Unicode.Scalar($0)) }
            var lines: [[Character]] = [[]]
            var index = 0
            while index < text.count {
                if text[index] == "\r", index + 1 < text.count, text[index + 1] == "\n" {
                    lines.append([])
                    index += 2
                    continue
                }
                let value = text[index].unicodeScalars.first!.value
                guard value >= 32 && value != 127 || value == 9 else { return nil }
                lines[lines.count - 1].append(text[index])
                index += 1
            }
            let parts = String(lines[0]).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, Self.isToken(parts[0]) else { return nil }
            guard parts[2].count == 8, parts[2].hasPrefix("HTTP/1."), ("0"..."9").contains(parts[2].last!) else {
                return nil
            }
            method = parts[0]
            target = parts[1]
            guard method != "CONNECT", target.first == "/" || target == "*" && method == "OPTIONS" else { return nil }
            guard target.allSatisfy({ ("!"..."~").contains($0) && $0 != "#" && $0 != "\\" }) else { return nil }
            // The last two lines are the empty ones.
            for line in lines.dropFirst().dropLast(2) {
                guard let colon = line.firstIndex(of: ":") else { return nil }
                guard Self.isToken(String(line[..<colon])) else { return nil }
                var value = line[(colon + 1)...]
                while let last = value.last, " \t".contains(last) { value.removeLast() }
                fields.append([String(line[..<colon]), String(value.drop { " \t".contains($0) })])
            }
            guard checkHost(parts[2]), checkFraming(parts[2]) else { return nil }
            let expectations = values("expect").flatMap { $0.split(separator: ",") }.map { String($0).withoutBlanks }
            guard expectations.allSatisfy({ ["100-continue", ""].contains($0.lowercased()) }) else { return nil }
        }

        private func values(_ name: String) -> [String] {
            fields.filter { $0[0].lowercased() == name }.map { $0[1] }
        }

        private static func isToken(_ text: String) -> Bool {
            let others = "!#$%&'*+-.^_`|~"
            return !text.isEmpty
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || others.contains($0) }
        }

        private func checkHost(_ version: String) -> Bool {
            let hosts = values("host")
            if hosts.isEmpty { return version == "HTTP/1.0" }
            guard hosts.count == 1 else { return false }
            let parts = hosts[0].split(separator: ":", omittingEmptySubsequences: false)
            // Bracketed addresses are rare enough here to have the parser itself decide.
            if hosts[0].first == "[" { return HostSyntax.isValid(Array(hosts[0].utf8).span, 0..<hosts[0].utf8.count) }
            guard let name = parts.first, !name.isEmpty, parts.count <= 2 else { return false }
            guard name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) || "-._~!$&'()*+;=".contains($0) })
            else {
                return false
            }
            guard parts.count == 2 else { return true }
            return (1...5).contains(parts[1].count) && parts[1].allSatisfy { ("0"..."9").contains($0) }
                && Int(parts[1])! <= 65535
        }

        private mutating func checkFraming(_ version: String) -> Bool {
            let lengths = values("content-length")
            let codings = values("transfer-encoding")
            if !codings.isEmpty {
                guard codings.count == 1, codings[0].lowercased() == "chunked" else { return false }
                framing = .chunked
                return lengths.isEmpty && version != "HTTP/1.0"
            }
            guard let length = lengths.first else { return true }
            guard lengths.count == 1 else { return false }
            guard length.allSatisfy({ ("0"..."9").contains($0) }), let number = Int64(length) else { return false }
            framing = .length(UInt64(number))
            return true
        }
    }

    private static let corpus = [
        request("content-length: 5", "x-a: b"), request("transfer-encoding: chunked", "accept: */*"),
        request(line: "OPTIONS * HTTP/1.1", host: "Host: a.b:80\r\n"),
        request("x: \t y", line: "GET /a?b HTTP/1.0", host: ""),
        request("expect: 100-continue", "content-length: 10", "connection: close"),
    ]

    @Test func mutatedRequestsAreReadAsByTheModel() {
        var generator = SeededGenerator(seed: 7)
        var accepted = 0
        for _ in 0..<20_000 {
            let bytes = generator.mutated(Array(Self.corpus.randomElement(using: &generator)!.utf8))
            let end = (0..<bytes.count).first { bytes[$0...].starts(with: [13, 10, 13, 10]) }
            let outcome = readRequest([bytes])
            guard let end else {
                #expect(outcome.seen == nil)
                continue
            }
            // Empty lines before a request are skipped by the reader alone.
            guard !bytes.starts(with: [13, 10]) else { continue }
            let model = Model(Array(bytes[..<(end + 4)]))
            #expect(
                (outcome.seen != nil) == (model != nil), "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            guard let model, case .head(let seen, let consumed) = outcome else { continue }
            accepted += 1
            #expect(consumed == end + 4)
            #expect(seen.framing == model.framing)
            #expect(seen.line[0] == model.method)
            #expect(seen.line[1] == model.target)
            #expect(seen.fields.map { $0[0] } == model.fields.map { $0[0] })
            #expect(seen.fields.count == model.fields.count)
        }
        // Without both kinds the test would say nothing.
        #expect((2000..<18_000).contains(accepted))
    }
}

extension String {
    /// The text without the blanks around it.
    fileprivate var withoutBlanks: String {
        var rest = self[...]
        while let first = rest.first, " \t".contains(first) { rest.removeFirst() }
        while let last = rest.last, " \t".contains(last) { rest.removeLast() }
        return String(rest)
    }
}
