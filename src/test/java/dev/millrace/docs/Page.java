package dev.millrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Markdown page of the repository, as the tests of the documentation look at it. Immutable.
 *
 * @param file relative to the root
 */
public record Page(Path file, String text) {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\\R(.*?)^```");
    private static final Pattern HEADING = Pattern.compile("(?m)^(#{1,6}) (.+?)\\s*$");

    /** What stands between two fences; {@code line} is that of the opening fence, from 1. */
    public record Block(String language, String text, int line) {}

    /** A heading without its hashes. */
    public record Heading(int level, String text) {}

    /** Every page. */
    public static List<Page> all() {
        List<Page> pages = new ArrayList<>();
        for (Path root : List.of(Path.of(""), Path.of("docs"), Path.of("models"), Path.of("notebooks"))) {
            pages.addAll(below(root, root.toString().isEmpty() ? 1 : 9));
        }
        return pages;
    }

    /** Every page that tells how things are; decisions and the changelog tell how they came about. */
    public static List<Page> current() {
        return all().stream()
                .filter(page -> !page.file.startsWith("docs/decisions") && !page.file.endsWith("CHANGELOG.md"))
                .toList();
    }

    /** One page. */
    public static Page of(String file) {
        try {
            return new Page(Path.of(file), Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Cannot read " + file, e);
        }
    }

    private static List<Page> below(Path root, int depth) {
        if (Files.notExists(Path.of("").resolve(root).toAbsolutePath())) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root, depth)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .map(file -> of(file.toString()))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("Cannot list the pages in " + root, e);
        }
    }

    public List<Block> blocks(String language) {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals(language)) {
                blocks.add(new Block(language, matcher.group(2), lineAt(matcher.start())));
            }
        }
        return blocks;
    }

    /** The page with its blocks taken out; every line keeps its number. */
    public String prose() {
        return BLOCK.matcher(text)
                .replaceAll(found -> "\n".repeat((int)
                        found.group().chars().filter(c -> c == '\n').count()));
    }

    public List<Heading> headings() {
        List<Heading> headings = new ArrayList<>();
        Matcher matcher = HEADING.matcher(prose());
        while (matcher.find()) {
            headings.add(new Heading(matcher.group(1).length(), matcher.group(2)));
        }
        return headings;
    }

    /** What may follow a hash in a link, by GitHub's rule. */
    public Set<String> anchors() {
        Set<String> anchors = new LinkedHashSet<>();
        for (Heading heading : headings()) {
            String plain = heading.text
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", "")
                    .replace(' ', '-');
            String anchor = plain;
            for (int again = 1; !anchors.add(anchor); again++) {
                anchor = plain + "-" + again;
            }
        }
        return anchors;
    }

    /** The text below a heading, up to the next of its level or above. */
    public String section(int level, String heading) {
        Matcher matcher = Pattern.compile(
                        "(?ms)^#{" + level + "} " + Pattern.quote(heading) + "\\s*$(.*?)(?=^#{1," + level + "} |\\z)")
                .matcher(text);
        if (!matcher.find()) {
            throw new IllegalArgumentException("No heading '" + heading + "' of level " + level + " in " + file);
        }
        return matcher.group(1);
    }

    /** A place of this page, for a message. */
    public String at(int line) {
        return file + ":" + line;
    }

    public int lineAt(int offset) {
        return 1
                + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }
}
