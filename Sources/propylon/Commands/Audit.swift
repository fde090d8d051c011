import ArgumentParser
import Store

/// `propylon audit`
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List who changed what, when and from where, the newest first.",
        discussion: """
            Changes of keys, grants, credits, repricings, imports, and reloads, cancelled requests and backups by the \
            admin API. Nothing removes an entry. \
            local:USER is a user of this machine, other names are tokens of the admin API.
            """)

    @OptionGroup var option: ConfigurationOption

    @Option(help: "Start of the list, as in `propylon usage`.")
    var since: String?

    @Option(help: "Only changes of this key: its id, or its name if no other key has it.")
    var key: String?

    @Option(help: "The most entries.")
    var limit = 1000

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit takes a number of at least 1") }
    }

    func run() throws {
        try KeyContext.read(option) { context in
            let since = try since.flatMap { try context?.time.past($0, now: context?.now ?? .now) }
            let id = try key.map { try context?.keys.find($0).id ?? $0 }
            let entries = try context?.database.audit(since: since, ofKey: id, limit: limit) ?? []
            let text = context.map { AuditText($0.time) }
            if json {
                print(JSONText.array(entries.compactMap { text?.json($0) }).text)
            } else {
                print(text?.table(entries) ?? "There is no change.\n", terminator: "")
            }
        }
    }
}
