package dev.millrace.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pages hang together, and their Java is Java that runs: every block of it is, word for word, a region of a test between
 * {@code // @start region="name"} and {@code // @end}.
 */
class PagesTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern REGION =
            Pattern.compile("(?ms)^[ \\t]*// @start region=\"[^\"]+\"\\R(.*?)^[ \\t]*// @end\\b");
    /** Signatures, made from the sources and compared with them by a test of its own. */
    private static final Path PUBLIC_TYPES = Path.of("docs/api.md");

    private static final List<String> DOMAIN_OUTLINE =
            List.of("Inputs", "Schema", "Commands", "Configuration", "Java", "Limits", "From the original");

    @Test
    void links_ofEveryPage_leadToFilesAndHeadings() {
        List<String> broken = new ArrayList<>();
        for (Page page : Page.all()) {
            Matcher matcher = LINK.matcher(page.prose());
            while (matcher.find()) {
                String link = matcher.group(1);
                if (!link.matches("(?i)[a-z]+:.*") && !leadsSomewhere(page, link)) {
                    broken.add(page.file() + ": " + link);
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    private static boolean leadsSomewhere(Page page, String link) {
        String[] parts = link.split("#", 2);
        Path folder =
                page.file().getParent() == null ? Path.of("") : page.file().getParent();
        Path target =
                parts[0].isEmpty() ? page.file() : folder.resolve(parts[0]).normalize();
        if (!Files.exists(Path.of("").toAbsolutePath().resolve(target))) {
            return false;
        }
        return parts.length == 1 || Page.of(target.toString()).anchors().contains(parts[1]);
    }

    @Test
    void pages_ofTheDocumentation_canAllBeReachedFromTheFirst() {
        Set<Path> reached = new LinkedHashSet<>(Set.of(Path.of("README.md")));
        List<Path> open = new ArrayList<>(reached);
        while (!open.isEmpty()) {
            Page page = Page.of(open.remove(0).toString());
            Matcher matcher = LINK.matcher(page.prose());
            while (matcher.find()) {
                Path folder = page.file().getParent() == null
                        ? Path.of("")
                        : page.file().getParent();
                Path target =
                        folder.resolve(matcher.group(1).replaceFirst("#.*", "")).normalize();
                if (target.toString().endsWith(".md") && Files.exists(target) && reached.add(target)) {
                    open.add(target);
                }
            }
        }

        assertThat(Page.current()).extracting(Page::file).isSubsetOf(reached);
    }

    @ParameterizedTest
    @ValueSource(strings = {"spectra", "pcqm", "genome", "exafs", "kv", "metrics"})
    void domainPage_outline_isThatOfAllDomains(String domain) {
        assertThat(Page.of("docs/" + domain + ".md").headings())
                .filteredOn(heading -> heading.level() == 2)
                .extracting(Page.Heading::text)
                .containsExactlyElementsOf(DOMAIN_OUTLINE);
    }

    @Test
    void javaBlocks_ofEveryPage_areRegionsOfTests() throws IOException {
        Map<String, Path> regions = regions();
        List<String> loose = new ArrayList<>();
        int count = 0;
        List<Page> pages = Page.current().stream()
                .filter(page -> !page.file().equals(PUBLIC_TYPES))
                .toList();
        for (Page page : pages) {
            for (Page.Block block : page.blocks("java")) {
                count++;
                if (!regions.containsKey(block.text())) {
                    loose.add(page.at(block.line()) + nearest(regions, block.text()));
                }
            }
        }

        assertThat(count).isGreaterThan(20);
        assertThat(loose).isEmpty();
    }

    /** By their text without indentation, the tests that have them. */
    private static Map<String, Path> regions() throws IOException {
        Map<String, Path> regions = new HashMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith("Test.java")).toList()) {
                Matcher matcher = REGION.matcher(Files.readString(file));
                while (matcher.find()) {
                    // A last line that is empty would count as one without indentation.
                    regions.put(matcher.group(1).stripTrailing().stripIndent() + "\n", file);
                }
            }
        }
        return regions;
    }

    /** Where a block differs from the region that has the most lines in common with it. */
    private static String nearest(Map<String, Path> regions, String block) {
        Set<String> lines = new HashSet<>(block.lines().toList());
        String best = "";
        long most = 0;
        for (String region : regions.keySet()) {
            long common = region.lines().filter(lines::contains).count();
            if (common > most) {
                most = common;
                best = region;
            }
        }
        if (most < 2) {
            return ": no region of a test has this text";
        }
        Set<String> there = new HashSet<>(best.lines().toList());
        return ": differs from a region of " + regions.get(best) + " in\n"
                + String.join(
                        "\n",
                        block.lines().filter(line -> !there.contains(line)).toList());
    }
}
