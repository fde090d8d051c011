import ArgumentParser
import Foundation
import Store

extension Keys {
    /// `propylon keys import`
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create and change keys by a file: all of it, or nothing.",
            discussion: """
                CSV has a line of titles: name, tier, team, expires, models (separated by commas, in quotes) and names of limits; \
                an empty cell leaves a member as it is, none removes it. YAML is a list of mappings with these members, models \
                as a list and limits as a mapping. A row whose name a key has changes that key; another one creates a key. New \
                keys are printed as CSV, this once.
                """)

        @OptionGroup var option: ConfigurationOption

        @Argument(help: "The file: CSV, or YAML with the ending .yaml or .yml.", completion: .file())
        var file: String

        @Flag(help: "Change nothing, and show what would change.")
        var dryRun = false

        @Flag(help: "Print JSON.")
        var json = false

        /// The most bytes of a file: 100,000 keys with all limits.
        private static let sizeLimit = 64 << 20

        func run() throws {
            let text = try self.text()
            try KeyContext.run(option, creating: true) { context in
                do {
                    let rows = try isYAML ? KeyImportRow.rows(yaml: text) : KeyImportRow.rows(csv: text)
                    let results = try KeyImport(rows, context.keys).run(context.keys, isTrial: dryRun)
                    print(Self.text(results, isTrial: dryRun, json: json), terminator: "")
                    complain(Self.summary(results, isTrial: dryRun))
                } catch let problem as KeyImport.Problem {
                    throw Failure("\(file): \(problem); nothing was imported", status: .wrongUsage)
                }
            }
        }

        private var isYAML: Bool { file.hasSuffix(".yaml") || file.hasSuffix(".yml") }

        private func text() throws -> String {
            let handle: FileHandle
            do { handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: file)) } catch {
                throw Failure("cannot read \(file): \(error.localizedDescription)")
            }
            guard let data = try handle.read(upToCount: Self.sizeLimit + 1) else { return "" }
            guard data.count <= Self.sizeLimit else { throw Failure("\(file) is larger than 64 MiB; split it") }
            guard let text = String(validating: data, as: UTF8.self) else {
                throw Failure("\(file) is not UTF-8; save it as UTF-8", status: .wrongUsage)
            }
            return text
        }

        private static func change(_ result: KeyImport.Result) -> String {
            result.key != nil ? "created" : result.isChanged ? "changed" : "unchanged"
        }

        /// The keys of the file. A trial shows no new keys, since they would not work.
        static func text(_ results: [KeyImport.Result], isTrial: Bool, json: Bool) -> String {
            func key(_ result: KeyImport.Result) -> String? { isTrial ? nil : result.key?.reveal() }
            guard json else {
                return CSVText.text(
                    [["line", "change", "id", "name", "key"]]
                        + results.map {
                            [
                                String($0.line), change($0), isTrial && $0.key != nil ? "" : $0.record.id,
                                $0.record.name, key($0) ?? "",
                            ]
                        })
            }
            return JSONText.array(
                results.map { result in
                    .object([
                        ("line", .integer(Int64(result.line))), ("change", .string(change(result))),
                        ("id", isTrial && result.key != nil ? .null : .string(result.record.id)),
                        ("name", .string(result.record.name)), ("key", .optional(key(result))),
                    ])
                }
            ).text + "\n"
        }

        private static func summary(_ results: [KeyImport.Result], isTrial: Bool) -> String {
            let created = results.count { $0.key != nil }
            let changed = results.count { $0.isChanged }
            let counts = "\(created) created, \(changed) changed, \(results.count - created - changed) unchanged"
            return isTrial ? "Nothing has changed. It would be: \(counts)." : "\(counts). New keys are shown only now."
        }
    }
}
