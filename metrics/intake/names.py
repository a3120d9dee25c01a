"""Common given names and surnames in Sweden (SCB's name statistics): enough of them show that a column holds names."""

from __future__ import annotations

_GIVEN = """
maria anna margareta elisabeth elisabet eva kristina birgitta karin marie ingrid christina linnéa sofia kerstin lena
helena marianne emma johanna linda inger sara cecilia elin ulla susanne katarina ida jenny anita monica malin irene
hanna viktoria annika louise ann gunilla sandra matilda carina camilla julia therese amanda frida lisa alice olivia
astrid maja vera ebba wilma ella freja saga klara clara signe agnes alma selma tyra stella lilly iris elsa nora molly
leah lovisa tuva nellie ellen isabelle moa felicia alva thea juni edith ronja lova meja siri tilda hedda fatima zainab
amina maryam aisha layla leila yasmin noor mariam
erik lars karl anders johan per nils carl mikael jan hans olof peter gunnar lennart sven fredrik bengt daniel alexander
andreas göran oskar oscar jonas magnus martin stefan bo john thomas leif mats marcus ulf björn robert patrik patrick
david henrik mattias christian kjell viktor victor simon sebastian anton emil adam isak gustav filip hugo elias noah
liam william lucas oliver axel vincent nils theodor arvid ludvig leo melvin alfred sixten valter walter edvin viggo
elliot gabriel jakob jacob kevin max theo albin malte milo frans loke mohammed mohamed muhammad ahmed ali omar ibrahim
hassan yusuf hussein abdullah mustafa khalid
"""
_SURNAMES = """
andersson johansson karlsson nilsson eriksson larsson olsson persson svensson gustafsson pettersson jonsson jansson
hansson bengtsson jönsson lindberg jakobsson magnusson olofsson lindström lindqvist lindgren axelsson berg bergström
lundberg lind lundgren lundqvist mattsson berglund fredriksson sandberg henriksson forsberg sjöberg wallin engström
danielsson håkansson eklund lundin gunnarsson holm bergman samuelsson fransson wikström isaksson bergqvist nyström
holmberg arvidsson löfgren söderberg nyberg blomqvist claesson nordström mårtensson lundström björk viklund sandström
nordin hermansson ström åberg hedlund abrahamsson sundberg öberg martinsson sjögren ekström dahl falk dahlberg hellström
norberg åkesson blom månsson ek abdi hosseini nguyen öström strömberg åström
"""
_ALSO_ORDINARY_WORDS = frozenset(
    ["berg", "lind", "ström", "bo", "ek", "dahl", "per", "max", "leo", "björk", "holm", "blom", "falk", "juni"]
)

COMMON_NAMES: frozenset[str] = frozenset((_GIVEN + _SURNAMES).split()) - _ALSO_ORDINARY_WORDS
"""Names in lower case; those that are also ordinary words are left out."""
