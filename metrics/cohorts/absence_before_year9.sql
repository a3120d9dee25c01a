-- One row per pupil and school year in which she is in year 9 if she follows her class: absence as a share of the offered
-- time in the school year before (year 8) and three before (year 6).
-- Years: attendance_terms -3, -1
-- Only: attendance of year9_leavers
WITH years AS (
    SELECT
        contributors AS pupil,
        CAST(substr(school_year, 1, 4) AS INTEGER) AS begins,
        stage,
        sum(absence) / sum(offered) AS share
    FROM attendance_terms
    WHERE stage IN ('4-6', '7-9')
    GROUP BY
        contributors,
        school_year,
        stage
)
SELECT
    years.pupil,
    printf('%d/%02d', years.begins + later.years, (years.begins + later.years + 1) % 100) AS school_year,
    max(years.share) FILTER (WHERE later.years = 1) AS absence_year8,
    max(years.share) FILTER (WHERE later.years = 3) AS absence_year6
FROM years
JOIN (VALUES (1, '7-9'), (3, '4-6')) AS later(years, stage)
    ON later.stage = years.stage
GROUP BY
    years.pupil,
    years.begins + later.years
