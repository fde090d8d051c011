import ArgumentParser
import Settings

/// The correction of a mistyped command. ArgumentParser itself corrects options.
enum CommandSuggestion {
    /// The error about the first of `arguments` that is no subcommand where one is due; nil where there is none such.
    static func error(in arguments: [String], of root: any ParsableCommand.Type) -> String? {
        var command = root
        var path: [String] = []
        for argument in arguments {
            let commands = command.configuration.subcommands
            guard !commands.isEmpty, !argument.hasPrefix("-") else { return nil }
            if let next = commands.first(where: { name(of: $0) == argument }) {
                command = next
                path.append(argument)
                continue
            }
            // A default command takes arguments of its own.
            guard command.configuration.defaultSubcommand == nil, argument != "help" else { return nil }
            let names = commands.map(name)
            let known = path.isEmpty ? "commands" : "commands of \(path.joined(separator: " "))"
            let question = Suggestion.nearest(to: argument, among: names).map { "; did you mean \($0)?" } ?? ""
            return "there is no command \"\(argument)\"; the \(known) are \(names.joined(separator: ", "))\(question)"
        }
        return nil
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }
}
