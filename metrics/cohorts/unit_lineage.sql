-- One row per school unit code: the code its pupils are followed under, through mergers and changed codes.
WITH RECURSIVE steps AS (
    SELECT
        school_unit,
        school_unit AS lineage,
        0 AS depth
    FROM school_units
    UNION
    SELECT
        steps.school_unit,
        units.successor AS lineage,
        steps.depth + 1 AS depth
    FROM steps
    JOIN school_units AS units
        ON units.school_unit = steps.lineage
    WHERE units.successor IS NOT NULL
        AND units.successor <> steps.lineage
        AND steps.depth < 20
)
SELECT
    school_unit,
    arg_max(lineage, depth) AS lineage
FROM steps
GROUP BY
    school_unit
