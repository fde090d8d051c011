import Policy
import Settings
import Store

/// A file of keys, read by the rules of a configuration: each row creates the key of its name, or changes it.
struct KeyImport {
    /// A row, and what is to be done.
    struct Change {
        let line: Int
        let step: KeyStore.Step
        /// The new key; nil for a change.
        let key: APIKey?
    }

    /// The reason why nothing is imported, with the line.
    struct Problem: Error, Equatable, CustomStringConvertible {
        let line: Int
        let message: String

        var description: String { "line \(line): \(message)" }
    }

    /// What became of a row.
    struct Result {
        let line: Int
        let record: KeyRecord
        /// The new key; nil for one that was changed, or stayed as it was.
        let key: APIKey?
        let isChanged: Bool
    }

    let changes: [Change]

    /// Reads `rows`. Names tell which keys there are.
    init(_ rows: [KeyImportRow], _ keys: KeyService) throws {
        var known: [String: KeyRecord] = [:]
        for key in try keys.store.list() where key.revokedAt == nil { known[key.name] = key }
        var lines: [String: Int] = [:]
        var changes: [Change] = []
        for row in rows {
            do throws(KeyProblem) {
                let name = try row.name
                if let line = lines.updateValue(row.line, forKey: name) {
                    throw .invalid(
                        member: "name", message: "line \(line) is about \"\(name)\" too; remove one of the two")
                }
                let members = try row.changes(keys.rules)
                if let key = known[name] {
                    changes.append(Change(line: row.line, step: .update(key.id, members), key: nil))
                } else {
                    let (key, record) = keys.new(KeyService.Draft(name: name, members))
                    changes.append(Change(line: row.line, step: .create(record), key: key))
                }
            } catch { throw Problem(line: row.line, message: error.description) }
        }
        self.changes = changes
    }

    /// Carries out all changes, or none of them, and returns what became of each row.
    ///
    /// - Parameter isTrial: True to change nothing, and to return what would be.
    func run(_ keys: KeyService, isTrial: Bool) throws -> [Result] {
        guard !changes.isEmpty else { return [] }
        let before = Dictionary(uniqueKeysWithValues: try keys.store.list().map { ($0.id, $0.version) })
        do throws(KeyStore.StepError) {
            let records = try keys.store.apply(changes.map(\.step), isTrial: isTrial, at: keys.rules.now)
            return zip(changes, records).map { change, record in
                Result(
                    line: change.line, record: record, key: change.key,
                    isChanged: change.key == nil && before[record.id] != record.version)
            }
        } catch { throw Problem(line: changes[error.index].line, message: "\(error.error)") }
    }
}

/// A row of a file of keys.
struct KeyImportRow: Equatable {
    let line: Int
    private let members: [String: YAMLTable.Value]

    /// Members other than limits.
    private static let names = ["name", "tier", "team", "expires", "models", "limits"]

    /// The rows of a list in YAML.
    static func rows(yaml text: String) throws(KeyImport.Problem) -> [KeyImportRow] {
        do throws(YAMLTable.Problem) {
            return try YAMLTable(text).rows.map { KeyImportRow(line: $0.line, members: $0.members) }
        } catch { throw KeyImport.Problem(line: error.line, message: error.message) }
    }

    /// The rows of CSV with a line of titles. A title is the name of a member or of a limit, and an empty cell says nothing.
    static func rows(csv text: String) throws(KeyImport.Problem) -> [KeyImportRow] {
        let table: UsageStatementTable
        do throws(UsageStatement.Problem) { table = try UsageStatementTable(text) } catch {
            throw KeyImport.Problem(line: 1, message: error.description)
        }
        for (index, title) in table.titles.enumerated() where table.titles[..<index].contains(title) {
            throw KeyImport.Problem(line: 1, message: "the title \"\(title)\" is there twice; remove one of the two")
        }
        return table.lines.map { line in
            var members: [String: YAMLTable.Value] = [:]
            var limits: [String: String] = [:]
            for (column, title) in table.titles.enumerated() where !line.cell(column).isEmpty {
                let cell = line.cell(column)
                if title == "models" {
                    members[title] = cell == "none" ? .null : .list(cell.split(separator: ",").map(String.init))
                } else if names.contains(title), title != "limits" {
                    members[title] = cell == "none" ? .null : .text(cell)
                } else {
                    limits[title] = cell
                }
            }
            if !limits.isEmpty { members["limits"] = .table(limits) }
            return KeyImportRow(line: line.number, members: members)
        }
    }

    /// The name, which every row has.
    var name: String {
        get throws(KeyProblem) {
            guard case .text(let name) = members["name"] else {
                throw .invalid(member: "name", message: "the name is missing")
            }
            return name
        }
    }

    /// The changes that the row says. Members that it does not have stay.
    func changes(_ rules: KeyRules) throws(KeyProblem) -> KeyChanges {
        if let unknown = members.keys.sorted().first(where: { !Self.names.contains($0) }) {
            let near = Suggestion.nearest(to: unknown, among: Self.names).map { "; did you mean \($0)?" } ?? ""
            throw .invalid(
                member: unknown,
                message: "there is no member \(unknown); there are \(Self.names.joined(separator: ", "))\(near)")
        }
        var changes = KeyChanges()
        if let tier = try text("tier") { changes.tier = try rules.tier(tier) }
        if members["team"] != nil { changes.team = .setting(try rules.team(text("team") ?? "")) }
        if members["expires"] != nil { changes.expiresAt = .setting(try rules.expiry(text("expires") ?? "never")) }
        switch members["models"] {
        case nil: break
        case .null: changes.models = .clear
        case .list(let models): changes.models = .setting(KeyRules.models(models))
        case .text(let model): changes.models = .setting(KeyRules.models([model]))
        case .table: throw .invalid(member: "models", message: "models must be a list")
        }
        changes.limits = try LimitArgument.limits(limits).mapValues { .setting($0) }
        return changes
    }

    private var limits: [LimitArgument] {
        get throws(KeyProblem) {
            guard let value = members["limits"], value != .null else { return [] }
            guard case .table(let texts) = value else {
                throw .invalid(member: "limits", message: "limits must have members, as budget_eur_per_month: 10")
            }
            var limits: [LimitArgument] = []
            for (name, text) in texts.sorted(by: { $0.key < $1.key }) { limits.append(try LimitArgument(name, text)) }
            return limits
        }
    }

    /// The text of a member; nil for none.
    private func text(_ name: String) throws(KeyProblem) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .text(let text): return text
        case .list, .table: throw .invalid(member: name, message: "\(name) must be a single value")
        }
    }
}

extension KeyService.Draft {
    /// A new key called `name` with the values that `changes` sets.
    init(name: String, _ changes: KeyChanges) {
        self.init(
            name: name, tier: changes.tier, team: changes.team.value, expiresAt: changes.expiresAt.value,
            models: changes.models.value, limits: changes.limits.compactMapValues(\.value))
    }
}

extension KeyChanges.Change {
    /// The value that is set; nil where none is.
    fileprivate var value: Value? { if case .set(let value) = self { value } else { nil } }
}
