import Clocks
import Policy
import Settings

/// A limit or a grant: `KIND=VALUE` on the command line, a member with a value in the admin API and in imports.
struct LimitArgument {
    let kind: LimitKind
    private let text: String
    private let value: String

    /// The most percent of a grant.
    private static let mostPercent: Int64 = 1_000_000

    /// Reads the name before the first `=` of `text`.
    /// - Throws: a problem for an unknown limit, or without a value.
    init(_ text: String) throws(KeyProblem) {
        guard let end = text.firstIndex(of: "=") else {
            throw Self.problem(text, "write it as KIND=VALUE, for example budget_eur_per_month=10")
        }
        try self.init(String(text[..<end]), String(text[text.index(after: end)...]))
    }

    /// The limit `name` with the text `value`.
    /// - Throws: a problem for an unknown limit.
    init(_ name: String, _ value: String) throws(KeyProblem) {
        text = "\(name)=\(value)"
        self.value = value
        do throws(ParseProblem) { kind = try LimitKind.named(name) } catch { throw Self.problem(text, error) }
    }

    /// True for the value `none`, which removes a limit or ends its grants.
    var isNone: Bool { value == "none" }

    /// The value of a limit; nil for `none`.
    func limit() throws(KeyProblem) -> Int64? { isNone ? nil : try amount(value) }

    /// The raise of a grant: `+50%` or `+20`.
    func raise() throws(KeyProblem) -> LimitGrant.Raise {
        guard value.hasPrefix("+") else {
            throw Self.problem(text, "a grant adds to a limit: write +50% or +20, or none to end its grants")
        }
        let size = value.dropFirst()
        guard size.hasSuffix("%") else { return .amount(try amount(String(size))) }
        guard let percent = Int64(size.dropLast()), 1...Self.mostPercent ~= percent else {
            throw Self.problem(text, "percent are a whole number, 1 to \(Self.mostPercent)")
        }
        return .percent(percent)
    }

    private func amount(_ text: String) throws(KeyProblem) -> Int64 {
        do throws(ParseProblem) { return try kind.value(text) } catch { throw Self.problem(self.text, error) }
    }

    private static func problem(_ text: String, _ problem: ParseProblem) -> KeyProblem {
        Self.problem(text, problem.message + (problem.suggestion.map { "; did you mean \($0)?" } ?? ""))
    }

    private static func problem(_ text: String, _ message: String) -> KeyProblem {
        .invalid(member: "limits", message: "\"\(text)\": \(message)")
    }

    /// The limits of `arguments`; the last one of a kind holds. Nil stands for `none`.
    static func limits(_ arguments: [LimitArgument]) throws(KeyProblem) -> [LimitKind: Int64?] {
        var limits: [LimitKind: Int64?] = [:]
        for argument in arguments { limits.updateValue(try argument.limit(), forKey: argument.kind) }
        return limits
    }

    /// The limits of `--limit KIND=VALUE`, repeated.
    static func limits(_ texts: [String]) throws(KeyProblem) -> [LimitKind: Int64?] {
        var arguments: [LimitArgument] = []
        for text in texts { arguments.append(try LimitArgument(text)) }
        return try limits(arguments)
    }
}
