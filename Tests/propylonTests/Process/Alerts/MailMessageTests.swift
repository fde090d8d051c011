import Bytes
import Clocks
import Foundation
import Policy
import SeededRandom
import Testing

@testable import propylon

@Suite struct MailMessageTests {
    private func mail(_ keyName: String?, detail: String? = nil, to: [String] = ["a@b.example"]) throws -> String {
        let event = Event(at: Timestamp(seconds: 1_795_861_163), .keyExpiring, "abcdefghjk", detail: detail)
        let alert = AlertMessage(NumberedEvent(7, event, keyName: keyName), from: try .test())
        let mail = MailMessage(from: "propylon@gateway.example", to: to, alert: alert)
        return String(decoding: mail.bytes, as: UTF8.self)
    }

    /// The head and the decoded body.
    private func parts(_ mail: String) throws -> (head: String, text: String) {
        let end = try #require(mail.range(of: "\n\n"))
        let body = mail[end.upperBound...].replacing("\n", with: "")
        let text = try #require(Base64.decoded(body.utf8))
        return (String(mail[..<end.lowerBound]), String(decoding: text, as: UTF8.self))
    }

    @Test func aMessageIsWholeAndTheSameEachTime() throws {
        let (head, text) = try parts(mail("ada", detail: "why", to: ["a@b.example", "c@d.example"]))
        #expect(
            head == """
                From: propylon@gateway.example
                To: a@b.example,
                 c@d.example
                Subject: [Propylon] a key expires soon: ada
                Date: Sat, 28 Nov 2026 10:19:23 +0000
                Message-ID: <evt_7_1795861163000000@gateway.example>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: base64
                """)
        for line in [
            "a key expires soon: ada", "subject: abcdefghjk", "subject_name: ada", "detail: why",
            "at_local: 2026-11-28T11:19:23+01:00", "time_zone: Europe/Paris", "gateway: gateway-1",
        ] { #expect(text.split(separator: "\n").contains(Substring(line))) }
    }

    /// A name that is not plain ASCII is an encoded word, whatever it holds.
    @Test(arguments: ["Zoë", "a\r\nBcc: evil@x", "a\nb", "\u{0}", String(repeating: "é", count: 200)])
    func namesAreEncoded(name: String) throws {
        let (head, text) = try parts(mail(name, detail: name))
        let lines = head.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 76 && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } })
        #expect(!lines.contains { $0.hasPrefix("Bcc") || $0.hasPrefix("b") })
        let words = head.split(whereSeparator: \.isWhitespace).filter { $0.hasPrefix("=?utf-8?B?") }
        let decoded = words.flatMap { Base64.decoded($0.dropFirst(10).dropLast(2).utf8) ?? [] }
        #expect(String(decoding: decoded, as: UTF8.self) == "[Propylon] a key expires soon: \(name)")
        // A character is never divided.
        for word in words {
            #expect(String(validating: Base64.decoded(word.dropFirst(10).dropLast(2).utf8) ?? [], as: UTF8.self) != nil)
        }
        #expect(text.utf8.firstRange(of: name.utf8) != nil)
    }

    /// No text of an event adds a line to the head, and no line is too long for SMTP.
    @Test func anyTextKeepsTheHead() throws {
        var generator = SeededGenerator(seed: 91)
        let characters = Array("a é\r\n\t:\u{0}\u{85}\u{2028}=?字🙂") + ["."]
        for _ in 0..<300 {
            let name = String((0..<generator.number(0...120)).map { _ in generator.pick(characters) })
            let mail = try mail(name, detail: name)
            let (head, text) = try parts(mail)
            let names = head.split(separator: "\n").filter { $0.first != " " }.map { $0.prefix { $0 != ":" } }
            #expect(
                names == [
                    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
                    "Content-Transfer-Encoding",
                ])
            #expect(mail.utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
            #expect(text.utf8.firstRange(of: name.utf8) != nil)
        }
    }

    @Test(arguments: [
        (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
    ])
    func datesAreThoseOfMail(seconds: Int64, text: String) throws {
        let event = Event(at: Timestamp(seconds: seconds), .storeRecovered, "store")
        let alert = AlertMessage(NumberedEvent(1, event, keyName: nil), from: try .test())
        let mail = MailMessage(from: "a@b", to: ["c@d"], alert: alert)
        #expect(String(decoding: mail.bytes, as: UTF8.self).contains("\nDate: \(text)\n"))
    }
}
