package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.docs.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Every command line that a page or a configuration shows can be given, and every configuration that one names loads. */
class DocumentedCommandsTest {
    private static final Pattern CONFIG = Pattern.compile("configs/[\\w./-]+\\.ya?ml");
    private static final Pattern INLINE = Pattern.compile("`(?:\\./)?millrace ([^`]+)`");

    /** Making one takes longer than parsing with it. */
    private static final CommandLine MILLRACE = new CommandLine(Main.class).setCaseInsensitiveEnumValuesAllowed(true);

    /** A command line and where it stands. */
    private record Line(String place, List<String> words) {}

    @Test
    void commandLines_ofEveryPageAndConfiguration_areUnderstood() throws IOException {
        List<Line> lines = new ArrayList<>();
        for (Page page : Page.current()) {
            for (Page.Block block : page.blocks("sh")) {
                lines.addAll(commands(page.at(block.line()), block.text()));
            }
        }
        for (Path file : configs()) {
            lines.addAll(commands(file.toString(), Files.readString(file).replaceAll("(?m)^# ?", "")));
        }
        List<String> faults = new ArrayList<>();
        for (Line line : lines) {
            try {
                CommandLine.ParseResult last = MILLRACE.parseArgs(line.words.toArray(String[]::new));
                while (last.hasSubcommand()) {
                    last = last.subcommand();
                }
                requireConfiguration(last);
            } catch (ParameterException | ConfigException | UsageException e) {
                faults.add(line.place + ": millrace " + String.join(" ", line.words) + ": " + e.getMessage());
            }
        }

        assertThat(lines).hasSizeGreaterThan(100);
        assertThat(faults).isEmpty();
    }

    /** What is to be trained by one of our own configurations is understood with what {@code --set} changes in it. */
    private static void requireConfiguration(CommandLine.ParseResult parsed) {
        if (parsed.commandSpec().name().equals("train") && parsed.hasMatchedPositional(0)) {
            Path file = parsed.matchedPositionalValue(0, Path.of(""));
            if (CONFIG.matcher(file.toString()).matches()) {
                TrainConfig.load(
                        file,
                        parsed.matchedOptionValue("--set", List.of()),
                        parsed.matchedOptionValue("--task", (TrainConfig.Task) null));
            }
        }
    }

    @Test
    void commandsInText_ofEveryPage_nameCommandsAndOptionsThatExist() {
        List<String> faults = new ArrayList<>();
        int count = 0;
        for (Page page : Page.current()) {
            Matcher matcher = INLINE.matcher(page.prose());
            while (matcher.find()) {
                count++;
                String fault = fault(words(matcher.group(1)));
                if (fault != null) {
                    faults.add(page.at(page.lineAt(matcher.start())) + ": " + matcher.group() + ": " + fault);
                }
            }
        }

        assertThat(count).isGreaterThan(40);
        assertThat(faults).isEmpty();
    }

    /** A command in the middle of a sentence is often without what it requires. */
    private static @Nullable String fault(List<String> words) {
        CommandSpec command = MILLRACE.getCommandSpec();
        for (String word : words) {
            CommandLine next = command.subcommands().get(word);
            if (next != null) {
                command = next.getCommandSpec();
            } else if (command.userObject() instanceof Main && !word.startsWith("<") && !word.startsWith("-")) {
                return "no command '" + word + "'";
            } else if (word.startsWith("--") && !command.optionsMap().containsKey(word.replaceFirst("=.*", ""))) {
                return "no option '" + word + "' of " + command.qualifiedName();
            }
        }
        return null;
    }

    @Test
    void configurations_namedAnywhere_exist() throws IOException {
        Set<String> named = new TreeSet<>();
        for (Page page : Page.current()) {
            CONFIG.matcher(page.text()).results().forEach(found -> named.add(found.group()));
        }

        assertThat(named).isNotEmpty().allMatch(name -> Files.isRegularFile(Path.of(name)));
        assertThat(configs().stream().map(Path::toString))
                .as("told of somewhere")
                .isSubsetOf(named);
    }

    private static List<Path> configs() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("configs"))) {
            return files.filter(file -> CONFIG.matcher(file.toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    /** The lines of a script that start Millrace, without what a pipe or a comment adds. */
    private static List<Line> commands(String place, String script) {
        List<Line> commands = new ArrayList<>();
        for (String line : script.replace("\\\n", " ").lines().toList()) {
            List<String> words = words(line);
            int start = 0;
            for (int i = 0; i <= words.size(); i++) {
                if (i == words.size() || Set.of("|", "&&", ";", ">", "||").contains(words.get(i))) {
                    command(words.subList(start, i)).ifPresent(found -> commands.add(new Line(place, found)));
                    start = i + 1;
                }
            }
        }
        return commands;
    }

    private static Optional<List<String>> command(List<String> words) {
        List<String> rest =
                words.stream().dropWhile(word -> word.matches("[A-Z_]+=.*")).toList();
        boolean ours = !rest.isEmpty() && Set.of("millrace", "./millrace").contains(rest.get(0));
        return ours ? Optional.of(rest.subList(1, rest.size())) : Optional.empty();
    }

    /** As a shell would divide a line; a comment ends it. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher =
                Pattern.compile("(?:'[^']*'|\"[^\"]*\"|\\\\.|[^\\s'\"\\\\])+").matcher(line);
        while (matcher.find() && !matcher.group().startsWith("#")) {
            words.add(matcher.group().replaceAll("'([^']*)'|\"([^\"]*)\"|\\\\(.)", "$1$2$3"));
        }
        return words;
    }
}
