import Clocks
import Policy
import Settings

/// A limit or a grant as an argument of a command: `KIND=VALUE`.
struct LimitArgument {
    let kind: LimitKind
    private let text: String
    private let value: String

    /// The most percent of a grant.
    private static let mostPercent: Int64 = 1_000_000

    /// Reads the name before the first `=` of `text`.
    /// - Throws: `Failure` for an unknown limit, or without a value.
    init(_ text: String) throws {
        guard let end = text.firstIndex(of: "=") else {
            throw Self.failure(text, "write it as KIND=VALUE, for example budget_eur_per_month=10")
        }
        self.text = text
        value = String(text[text.index(after: end)...])
        do throws(ParseProblem) { kind = try LimitKind.named(String(text[..<end])) } catch {
            throw Self.failure(text, error)
        }
    }

    /// True for the value `none`, which removes a limit or ends its grants.
    var isNone: Bool { value == "none" }

    /// The value of a limit; nil for `none`.
    func limit() throws -> Int64? { isNone ? nil : try amount(value) }

    /// The raise of a grant: `+50%` or `+20`.
    func raise() throws -> LimitGrant.Raise {
        guard value.hasPrefix("+") else {
            throw Self.failure(text, "a grant adds to a limit: write +50% or +20, or none to end its grants")
        }
        let size = value.dropFirst()
        guard size.hasSuffix("%") else { return .amount(try amount(String(size))) }
        guard let percent = Int64(size.dropLast()), 1...Self.mostPercent ~= percent else {
            throw Self.failure(text, "percent are a whole number, 1 to \(Self.mostPercent)")
        }
        return .percent(percent)
    }

    private func amount(_ text: String) throws -> Int64 {
        do throws(ParseProblem) { return try kind.value(text) } catch { throw Self.failure(self.text, error) }
    }

    private static func failure(_ text: String, _ problem: ParseProblem) -> Failure {
        failure(text, problem.message + (problem.suggestion.map { "; did you mean \($0)?" } ?? ""))
    }

    private static func failure(_ text: String, _ message: String) -> Failure {
        Failure("\"\(text)\": \(message)", status: .wrongUsage)
    }

    /// The limits of `--limit KIND=VALUE`, repeated; the last one of a kind holds. Nil means `none`.
    static func limits(_ texts: [String]) throws -> [LimitKind: Int64?] {
        var limits: [LimitKind: Int64?] = [:]
        for argument in try texts.map(LimitArgument.init) {
            limits.updateValue(try argument.limit(), forKey: argument.kind)
        }
        return limits
    }
}
